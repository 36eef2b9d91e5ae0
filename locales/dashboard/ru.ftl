# Что говорит панель по-русски. Простой текст: страницы экранируют его сами.

## Рамка

skip = К содержанию
navigation = Страницы
sandbox = Песочница
language = Язык
theme = Цвета
theme-auto = Авто
theme-light = Светлая
theme-dark = Тёмная
logout = Выйти
find = Найти
older = Раньше
reason = Причина
reason-hint = Попадёт в журнал действий
status-well = Всё в порядке
status-away = База данных не отвечает
status-actors = Акторы не отвечают
status-aside =
    { $count ->
        [one] Отложена { $count } запись
        [few] Отложены { $count } записи
       *[other] Отложено { $count } записей
    }

nav-operators = Операторы
nav-audit = Журнал действий
nav-account = Ваша учётная запись

role-viewer = Наблюдатель
role-support = Поддержка
role-finance = Финансы
role-owner = Владелец
role-viewer-words = Наблюдатель: видит всё, не меняет ничего
role-support-words = Поддержка: помогает людям, разбирает генерации
role-finance-words = Финансы: ещё и кредиты
role-owner-words = Владелец: всё, включая операторов

## Ошибки

error-title = Ошибка { $status }
error-request = Номер запроса:
error-home = В начало
error-not-found = Здесь ничего нет. Возможно, это удалили, или адрес неверен.
error-forbidden = Ваша роль этого не позволяет. Попросите владельца сменить роль.
error-forged = Страница устарела, или запрос пришёл не с неё. Обновите страницу и повторите.
error-bad-request = Запрос непонятен. Вернитесь и заполните форму ещё раз.
error-away = Сейчас не получится: база данных не отвечает или слишком много работы. Повторите через несколько секунд.
error-internal = Что-то сломалось. Подробности в логе под номером запроса.
error-reason = Укажите причину: одна строка, от 1 до 200 символов.
error-last-owner = Это последний владелец, который может войти. Сначала создайте другого.

## Вход

login-title = Вход
login = Войти
login-name = Имя
login-password = Пароль
login-code = Код из приложения
login-code-hint = Только если вы настроили второй фактор
login-wrong = Имя, пароль или код неверны.
login-wait =
    { $seconds ->
        [one] Слишком много попыток. Повторите через { $seconds } секунду.
        [few] Слишком много попыток. Повторите через { $seconds } секунды.
       *[other] Слишком много попыток. Повторите через { $seconds } секунд.
    }
login-help = Ещё нет учётной записи? На машине с ботом:
link-words = По этой ссылке можно войти один раз.
link-used = Ссылка уже использована или устарела. Перезапустите песочницу, чтобы получить новую.
proof-title = Ещё раз ваш пароль
proof-words = Дальше речь о деньгах или о правах, поэтому подтвердите, что это вы. Потом отправьте форму снова.
proof-button = Подтвердить
proof-wrong = Пароль или код неверен.

## Своя учётная запись

account-password = Пароль
account-totp = Второй фактор
account-sessions = Открытые сеансы
account-end-others = Завершить все остальные сеансы
password-now = Текущий пароль
password-new = Новый пароль
password-rules = Не меньше 15 символов. Хорошо подходят четыре никак не связанных слова.
password-change = Сменить пароль
password-short = В пароле должно быть не меньше 15 символов.
password-long = В пароле должно быть не больше 256 символов.
password-guessable = Такой пароль легко угадать. Возьмите четыре никак не связанных слова.
totp-on = Включён
totp-on-words = При входе нужен код из приложения.
totp-off-words = Выключен. Приложение на телефоне показывает код, который меняется каждые 30 секунд; без него никто не войдёт под вашим именем, даже зная пароль.
totp-set-up = Настроить
totp-switch-off = Выключить
totp-switch-on = Включить
totp-scan = Отсканируйте это приложением для кодов.
totp-type = Или введите вручную:
totp-confirm = Введите код, который приложение показывает сейчас. После этого войдите заново, уже со следующим кодом.
totp-wrong = Код неверен или устарел. Возьмите тот, что приложение показывает сейчас.
sessions-none = Сейчас нигде.
session-began = С
session-seen = Последнее обращение
session-address = Адрес
session-agent = Браузер
session-this = этот

## Операторы

operator-name = Имя
operator-name-rules = От 1 до 32 символов: a-z, 0-9, точка, дефис, подчёркивание
operator-role = Роль
operator-state = Состояние
operator-since = С
operator-active = активен
operator-disabled = отключён
operator-totp = второй фактор
operator-new = Новый оператор
operator-password = Первый пароль
operator-create = Создать
operator-taken = Оператор с таким именем уже есть.
operator-set-role = Назначить роль
operator-end-sessions = Завершить все сеансы
operator-reset = Новый пароль
operator-reset-words = Для того, кто потерял свой. Второй фактор выключается, все его сеансы завершаются.
operator-reset-button = Задать пароль
operator-access = Доступ
operator-disable = Отключить
operator-enable = Включить

done-created = Оператор создан.
done-role = Роль назначена.
done-disabled = Оператор отключён, все его сеансы завершены.
done-enabled = Оператор снова может войти.
done-sessions = Сеансы завершены.
done-password = Пароль задан, все сеансы завершены.
done-proved = Подтверждено. Отправьте форму ещё раз.

## Журнал действий

audit-check = Проверить весь журнал
audit-empty = Пока ничего нет.
audit-at = Когда (UTC)
audit-actor = Кто
audit-action = Что
audit-subject = С кем или с чем
audit-change = Изменение
audit-from = Откуда
audit-whole =
    { $rows ->
        [one] Журнал цел: { $rows } запись, как и была сделана.
        [few] Журнал цел: { $rows } записи, все как были сделаны.
       *[other] Журнал цел: { $rows } записей, все как были сделаны.
    }
audit-broken = Журнал не тот, что был записан: смотрите запись { $row }. Её изменили или удалили прямо в базе.

## Люди и генерации

nav-people = Люди
nav-generations = Генерации
people-search = Поиск
people-search-hint = Номер или начало имени либо @имени пользователя
people-found = Найдено:
people-none = Здесь никого нет. Люди появляются с первым сообщением боту; поиск смотрит на начало имени.
person-name = Имя
person-username = Имя пользователя
person-id = Номер в Telegram
person-credits = Кредиты
person-pictures = Картинки
person-open = В работе
person-served = Обслуживается
person-since = С нами с
person-blocked = заблокирован вами
person-stopped = остановил бота
person-active = да
person-standing = Где он сейчас
person-language = Язык
person-telegrams = как в Telegram: { $code }
person-time-zone = Часовой пояс
person-screen = Экран
person-way-back = Путь назад
person-filters = В галерее показано
person-no-filters = все картинки
person-favourites = избранные
person-draft = Начатый запрос
person-balance = Баланс
person-available = Свободно
person-held = Отложено
person-credited = Всего начислено
person-debited = Всего списано
person-spent = Потрачено на картинки
person-captured = Оплаченных генераций
person-last-month = Картинок за 30 дней
person-acts = Что можно сделать
person-give = Начислить или списать кредиты
person-way = Направление
person-way-give = Начислить
person-way-take = Списать
person-amount = Целое число кредитов
person-amount-rules = Сумма — целое число от 1 до 1 000 000 000.
person-reads-reason = Человек узнает об этом в чате и прочтёт причину.
person-book = Провести
person-too-little = Столько свободных кредитов у него нет: ничего не списано.
person-write = Написать
person-words = Ваше сообщение
person-words-rules = В сообщении от 1 до 2000 знаков.
person-is-stopped = Человек остановил бота: написать ему нельзя, пока он не вернётся.
person-send = Отправить
person-block = Заблокировать
person-unblock = Разблокировать
person-block-words = Подействует по порядку с тем, что делает сам человек, как только бот до этого дойдёт.
person-export = Выгрузить данные
person-export-words = Один файл JSON: профиль, место в разговоре, все записи, генерации и картинки. Это личные данные — не отдавайте их никому другому.
person-download = Скачать
person-ledger = Счёт
person-no-entries = Записей пока нет.
person-at = Когда (UTC)
person-entry = Запись
person-by = Кем
person-generation = Генерация
person-no-generations = Пока ничего не создано.
person-all-generations = Все его генерации
person-gallery = Галерея
person-no-pictures = Картинок пока нет.

screen-home = Главный
screen-help = Помощь
screen-balance = Баланс
screen-history = История
screen-settings = Настройки
screen-languages = Языки
screen-time-zones = Часовые пояса
screen-models = Модели
screen-prompt = Ждёт запроса
screen-ratios = Пропорции
screen-counts = Сколько картинок
screen-resolutions = Разрешения
screen-quote = Цена
screen-progress = Ход работы
screen-gallery = Галерея
screen-filters = Фильтры
screen-filter-models = Фильтр по модели
screen-filter-dates = Фильтр по дате
screen-custom-dates = Ждёт двух дат
screen-statistics = Статистика
dates-today = сегодня
dates-yesterday = вчера
dates-week = последние семь дней
dates-month = последний месяц

booked-welcome = Приветствие
booked-grant = Начислено
booked-withdrawal = Списано
booked-hold = Отложено
booked-capture = Оплачено
booked-release = Возврат отложенного
booked-refund = Возмещение

gens-found = Найдено:
gens-none = Таких генераций нет.
gens-any = Любые
gens-user = Человек
gens-since = С (UTC)
gens-until = По (UTC)
gens-error = В ошибке есть
gens-which = Какие
gens-live = только в работе
gens-order = Порядок
gens-newest = Сначала новые
gens-oldest = Сначала старые
gen-title = Генерация { $number }
gen-id = Номер
gen-state = Состояние
gen-failure = Почему нет
gen-model = Модель
gen-prompt = Запрос
gen-ratio = Пропорции
gen-resolution = Разрешение
gen-price = Кредиты
gen-pictures = Картинки
gen-captured-of = Оплачено картинок
gen-request = Запрос у провайдера
gen-submits = Отправок
gen-attempts = Наших сбоев
gen-seed = Зерно
gen-created = Создана (UTC)
gen-deadline = Срок (UTC)
gen-finished = Завершена (UTC)
gen-order = Заказ
gen-story = Что происходило
gen-what = Что
gen-more = Подробности
gen-reserved = ждёт места
gen-submitting = отправляется
gen-queued = у провайдера
gen-resulted = забираем картинки
gen-captured = оплачена, показываем
gen-delivered = доставлена
gen-cancelling = отменяется
gen-cancelled = отменена
gen-failed = не удалась
gen-expired = срок вышел
gen-failed-safety = фильтр безопасности
gen-failed-bad-request = провайдер не принял
gen-failed-model-gone = модели больше нет
gen-failed-out-of-money = наш счёт там пуст
gen-failed-provider = сбой провайдера
gen-failed-unreachable = провайдер был недоступен
gen-failed-pictures-lost = картинки потеряны
gen-failed-quarantined = отложена или завершена оператором
gen-drive = Проверить сейчас
gen-drive-words = Следующий шаг делается сразу, а картинки, которые не удалось скопировать, пробуются снова. Ничего не заказывается и не оплачивается заново.
gen-deliver = Доставить снова
gen-deliver-words = Итог снова показывается в чате: сообщение, которое ещё есть, обновляется, удалённое отправляется заново. То, что человек удалил, остаётся удалённым.
gen-cancel = Отменить
gen-cancel-words = Так, как отменил бы сам человек: что провайдер к тому времени закончил, будет доставлено и оплачено.
gen-release = Завершить и вернуть отложенное
gen-release-words = Завершается сразу, что бы ни ответил провайдер; кредиты снова свободны, человек узнает об этом. Для того, что зависло.
gen-refund = Возместить
gen-refund-words = Всё, что за неё заплачено, возвращается человеку, один раз. Картинки остаются у него, причину он прочтёт.
gen-too-late = Генерация успела измениться: так сделать уже нельзя. Вот как дела сейчас.
event-created = Создана, кредиты отложены
event-submitted = Отправлена
event-queued = Принята провайдером
event-cancel-asked = Просьба отменить
event-resulted = Результат известен
event-captured = Оплачена
event-failed = Наш сбой
event-picture = Картинка
event-listed = В галерее
event-owed = К отправке
event-sent = Отправлено
event-not-sent = Не отправлено
event-set-aside = Отложено в сторону
parcel-picture = картинка
parcel-outcome = итог
pic-pending = ожидается
pic-stored = сохранена
pic-fallback = пока только у провайдера
pic-lost = потеряна
pic-trashed = удалена владельцем
pic-purged = удалена насовсем
pic-alt = Картинка { $n } генерации { $number }, { $model }
pic-object = Объект
pic-size = Размер
pic-attempts = Неудачных копий
pic-until = Провайдер хранит до

done-asked = Запрошено. Подействует, как только бот до этого дойдёт.
done-nothing = Делать ничего не пришлось.
done-credits = Проведено. Человек узнает об этом в чате.
done-credits-before = Это уже было проведено: ничего не изменилось.
done-written = Сообщение отправляется.
done-driven = Генерация проверяется прямо сейчас.
done-delivered = Снова отправляется в чат.
done-refunded = Возмещено. Человек узнает об этом в чате.
