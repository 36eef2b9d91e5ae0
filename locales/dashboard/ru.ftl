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

## Технические работы

nav-maintenance = Технические работы
maintenance-banner = Технические работы: новые генерации не принимаются.
maintenance-see = Почему
maintenance-on = Идут технические работы
maintenance-off = Бот принимает заказы
maintenance-words = Во время технических работ каждому вежливо, на его языке, говорится, что новое не запускается. Что уже идёт, будет закончено и доставлено, галереи открыты. Все узлы узнают об этом за несколько секунд.
maintenance-last = Последнее изменение:
maintenance-change = Изменить
maintenance-begin = Начать работы
maintenance-end = Закончить работы
done-maintenance-on = Технические работы начались.
done-maintenance-off = Технические работы закончены.

## Рассылки

nav-broadcasts = Рассылки
broadcast-none = Рассылок ещё не было.
broadcast-new = Новая рассылка
broadcast-title = Рассылка { $number }
broadcast-text = Текст
broadcast-segment = Кому
broadcast-state = Состояние
broadcast-state-draft = Черновик
broadcast-state-running = Идёт
broadcast-state-paused = Приостановлена
broadcast-state-done = Закончена
broadcast-state-cancelled = Отменена
broadcast-by = Кто
broadcast-en = По-английски
broadcast-ru = По-русски
broadcast-rules = Простой текст на обоих языках, до 3500 знаков каждый. Ссылки работают сами. Каждый получит текст на языке, который выбрал.
broadcast-draft = Сохранить и посмотреть
broadcast-reach =
    { $count ->
        [one] Сейчас она дойдёт до { $count } человека.
       *[other] Сейчас она дойдёт до { $count } человек.
    } Кто заблокировал бота или заблокирован сам, её не получит.
broadcast-sent = Отправлено
broadcast-failed = Не доставлено (бот заблокирован)
broadcast-waiting = В очереди на отправку
broadcast-started = Начата
broadcast-finished = Закончена
broadcast-start = Начать отправку
broadcast-pause = Приостановить
broadcast-resume = Продолжить
broadcast-cancel = Отменить
broadcast-moved = Тем временем её состояние изменилось. Вот как обстоит дело.
segment-everyone = Все
segment-language = Telegram на языке { $code }
segment-active = Активны за { $days } дн.
segment-idle = Не активны { $days } дн.
done-broadcast-draft = Черновик сохранён. Пока ничего не отправлено.
done-broadcast-started = Отправка началась.
done-broadcast-paused = Приостановлено. Что уже в очереди, будет отправлено.
done-broadcast-resumed = Отправка продолжается.
done-broadcast-cancelled = Отменено.

## Лог

nav-log = Лог
log-words = Последние строки этого процесса (до { $count }), без секретов. Весь лог — в его файле.
log-level = Уровень
log-any = Любой
level-error = Ошибка
level-warn = Предупреждение
level-info = Сведения
level-debug = Отладка
level-trace = Трассировка
log-user = Человек (id)
log-generation = Генерация (id)
log-text = Текст
log-hold = Остановить
log-follow = Следить
log-nothing = Таких строк нет.
log-at = Когда (UTC)
log-what = Что
log-where = Где
doctor = Диагностика
doctor-words = Проверяет всё, от чего зависит бот, как команда `aisha doctor`, и не оставляет следов. Может занять несколько секунд.
doctor-look = Проверить
doctor-busy = Проверка уже идёт. Повторите чуть позже.
doctor-well = Ничего не сломано.
doctor-trouble =
    { $count ->
        [one] Неполадка: { $count }.
       *[other] Неполадок: { $count }.
    }
doctor-verdict = Вывод
doctor-what = Что
doctor-found = Найдено
verdict-ok = В порядке
verdict-note = Внимание
verdict-trouble = Неполадка
