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

## Обзор

nav-overview = Обзор
first-title = Ботом ещё никто не пользовался
first-words = Вот как увидеть его в деле. Цифры и графики появятся сами, как только кто-нибудь начнёт.
first-sandbox = Всё работает в песочнице: Telegram и провайдер ненастоящие, деньги не тратятся.
first-sandbox-link = Откройте чат и напишите /start
first-bot = Откройте своего бота в Telegram и нажмите «Старт». Первый человек зарегистрируется сразу.
first-picture = Закажите картинку: через несколько секунд она появится ниже.
first-doctor = Если ничего не приходит, проверьте всё, от чего зависит бот:
first-account = Настройте второй фактор и заведите учётные записи тем, кто вам помогает:
tile-updates = Обновлений в минуту
tile-begun = Генераций в минуту
tile-five-minutes = за последние пять минут
tile-hour = за последний час
tile-today = с полуночи по UTC
tile-running = Выполняются
tile-undelivered =
    { $count ->
        [0] всё оплаченное доставлено
        [one] { $count } оплачена и в пути
        [few] { $count } оплачены и в пути
       *[other] { $count } оплачено и в пути
    }
tile-waiting = Ждут
tile-waiting-note = места у провайдера
tile-success = Доля успешных
tile-median = От запроса до картинки: половина быстрее
tile-slowest = От запроса до картинки: 95 % быстрее
tile-spent = Потрачено кредитов
tile-restarts = Перезапуски акторов
tile-since-start = с запуска
tile-aside = Отложено
tile-aside-note = обновления, сообщения, задания хранилища
health-title = От чего зависит бот
health-database = База данных
health-telegram = Telegram
health-fal = FAL
health-objects = Хранилище картинок
health-redis = Redis
health-this = Этот процесс
health-nodes = Процессы
health-living =
    { $count ->
        [one] { $count } работает
       *[other] { $count } работают
    }
health-ok = в порядке
health-degraded = с перебоями
health-away = недоступно
health-no-lease = потерял аренду
health-unknown = неизвестно
charts-title = Что происходило
charts-table = То же таблицей
charts-empty = Пока ничего не подсчитано. Каждая минута подсчитывается, когда закончится: загляните через минуту-другую.
span-hour = 1 час
span-day = 24 часа
span-month = 30 дней
chart-time = Время (UTC)
chart-rates = В минуту
chart-updates = Обновления
chart-begun = Генерации
chart-latency = От запроса до картинки, в секундах
chart-median = половина быстрее
chart-slowest = 95 % быстрее
chart-ends = Чем закончились генерации
chart-delivered = доставлены
chart-failed = не удались
chart-cancelled = отменены
chart-credits = Кредиты
chart-captured = потрачено
chart-refunded = возвращено
chart-summary = { $name }: сейчас { $last }, самое большее { $most }.
chart-nothing = { $name }: ничего.

## Акторы

nav-actors = Акторы
path = Где вы
actors-tab = Акторы
actors-tree = Процессы и их акторы
actors-users = Акторы людей
actors-live =
    { $count ->
        [0] Сейчас нет ни одного. Его создаст первое обновление.
        [one] Жив { $count }. Простаивающий убирается, следующее обновление создаст его снова.
        [few] Живы { $count }. Простаивающий убирается, следующее обновление создаст его снова.
       *[other] Живы { $count }. Простаивающий убирается, следующее обновление создаст его снова.
    }
actors-user = Номер человека
actors-user-number = Человека ищут по номеру в Telegram, например 123456789.
actors-user-none = Живой актор этого человека неизвестен. Другие процессы сообщают только о 50 самых занятых.
actors-users-none = Живых акторов людей нет.
actors-order = Порядок
actors-by-busiest = сначала самые занятые
actors-by-recent = сначала недавние
actors-by-id = по номеру
actors-others-unknown = База данных не отвечает, поэтому виден только этот процесс.
actors-unknown = Процесс не знает такого актора.
actors-ended = Актор завершился насовсем. Процесс перезапустит тот, кто за ним следит.
actors-late = Актор занят. Он сделает это, когда закончит начатое.
actors-not-taken = Процесс не принял распоряжение вовремя. Возможно, он недоступен.
actors-node-ended = Процесс завершился, ничего не сделано.
actor-kind = Актор
actor-of = Актор человека { $user }
actor-person = Человек
actor-see = Актор
actor-facts = Как сейчас
actor-state = Состояние
actor-running = работает
actor-resting = отдыхает после сбоя
actor-gone = завершился
actor-incarnation = Жизнь №
actor-born = Родился
actor-mailbox = Почтовый ящик
actor-queued = ещё { $count } ждут перед ним
actor-handled = Обработано
actor-last = Последнее сообщение
actor-restarts = Перезапуски
actor-restarts-none = Не было.
actor-asked = попросил оператор
actor-budget = Осталось перезапусков
actor-restart = Перезапустить
actor-restart-words = Новое значение примет дела, а начатое будет сделано заново по записям. Ничего не теряется, и сбоем это не считается.
actor-retire = Убрать
actor-retire-words = Актор завершится, когда для этого человека не останется начатого. Следующее обновление создаст новый по записям.
node-this = Этот процесс
node-gone = исчез
node-draining = освобождается
node-serving = обслуживает
node-polls = опрашивает Telegram
node-silent = Он ещё ничего не сообщил.
node-lanes = дорожек: { $count } из { $all }
node-load = выполняются { $running }, ждут { $waiting }
node-facts = Как сейчас
node-singletons = Его акторы
node-id = Имя
node-address = Адрес
node-joined = Присоединился
node-seen = Замечен
node-reported = Последний отчёт
node-users = Акторы людей
node-updates = Обработано обновлений
node-sent = Отправлено сообщений
node-busy = Обслуживаются сейчас
node-waiting = Ждут в памяти
node-crashes = Сбои акторов людей
node-drain = Освободить
node-drain-words = Процесс отдаст своих людей другим, закончит начатое и не будет принимать нового; /health/ready об этом скажет. Если процесс один, обновления подождут в Telegram, пока вы не вернёте его.
node-undrain = Вернуть
node-undrain-words = Процесс снова принимает людей и обновления.
aside-tab = Карантин
aside-title = Карантин
aside-kinds = Виды
aside-words = Сюда откладывается то, что раз за разом не удавалось, чтобы за ним не ждало остальное. Секреты скрыты.
aside-updates = Обновления
aside-parcels = Сообщения
aside-storage = Задания хранилища
aside-none = Ничего не отложено.
aside-more = Ещё
aside-update = Обновление { $id }
aside-parcel = Сообщение { $id }
aside-picture = Картинка { $id }
aside-tries =
    { $count ->
        [one] { $count } попытка
        [few] { $count } попытки
       *[other] { $count } попыток
    }
aside-error = Не удалось из-за:
aside-what = Что это
aside-decide = Повторить или отказаться
aside-replay = Повторить
aside-discard = Отказаться
aside-update-words = При повторе обновление обработается, как будто только что пришло. При отказе оно считается сделанным, и человеку придётся нажать ещё раз.
aside-parcel-words = При повторе сообщение отправится снова. При отказе оно считается недоставленным.
aside-storage-words = При повторе картинка снова копируется или удаляется. При отказе она остаётся как есть.
aside-gone = Это больше не отложено: кто-то успел раньше, или бот взялся за это сам.
done-restarted = Актор перезапущен.
done-retired = Актор убран.
done-not-there = Такого актора не было.
done-drains = Процесс освобождается и не принимает нового.
done-takes-in = Процесс снова принимает.
done-told = Процессу передано, но он ещё не ответил. Обновите страницу через несколько секунд.
done-replayed = Обрабатывается снова.
done-discarded = От этого отказались.
## Ledger

nav-ledger = Бухгалтерия
ledger-books = Состояние учёта
ledger-unchecked = Учёт ещё не проверялся. Раз в час это происходит само.
ledger-right = Всё сходится
ledger-breaches =
    { $count ->
        [one] { $count } нарушение
        [few] { $count } нарушения
       *[other] { $count } нарушений
    }
ledger-checked = Проверено:
ledger-check = Проверить сейчас
ledger-busy = Учёт прямо сейчас проверяет кто-то другой. Загляните через минуту.
ledger-issued = Выдано операторами за вычетом изъятого
ledger-promo = Подарено новичкам
ledger-revenue = Оплата картинок за вычетом возвратов
ledger-refunded = Возвращено
ledger-circulating = У людей на руках
ledger-held = Из них отложено
ledger-entries = Записи
ledger-accounts = Счета
ledger-csv = Скачать CSV
ledger-sum = Итог по этим записям
ledger-cut = Сложены только 10 000 самых новых. Чтобы увидеть остальное, выберите срок короче.
ledger-empty = Таких записей нет.
ledger-any = Любой
ledger-kind = Вид
ledger-person = Человек
ledger-actor = Кто записал
ledger-from = С дня (UTC)
ledger-until = По день (UTC)
ledger-at = Когда (UTC)
ledger-amount = Кредиты
ledger-generation = Генерация
ledger-no-kind = Такого вида записей нет.
ledger-no-person = Человека находят по его номеру в Telegram.
ledger-no-actor = В имени не больше 64 знаков.
ledger-no-day = День пишется так: 2026-11-27.
ledger-back = К записям
ledger-no-accounts = Счетов пока ни у кого нет.
ledger-name = Имя
ledger-available = Доступно
ledger-on-hold = Отложено
ledger-given = Получено
ledger-spent = Потрачено
entry-welcome = Подарок новичку
entry-grant = Выдача
entry-withdrawal = Изъятие
entry-hold = Отложено
entry-capture = Списание
entry-release = Освобождено
entry-refund = Возврат
second = Ждёт второго оператора
second-rule = Больше { $credits } кредитов за раз проводится, только когда это одобрит второй оператор.
second-words = Кто предложил, сам одобрить не может. Если за сутки никто не решил, предложение отпадает.
second-until = отпадёт
second-approve = Одобрить и провести
second-refuse = Отклонить
second-withdraw = Отозвать
second-gone = Это больше не ждёт: кто-то уже решил, или сутки прошли. Сейчас ничего не проведено.
second-own = Вы сами это предложили: одобрить должен другой оператор.
done-proposed = Сохранено и ждёт второго оператора на странице бухгалтерии. Пока ничего не проведено.
done-approved = Одобрено и проведено. Человек узнает об этом в чате.
done-refused = Отклонено. Ничего не проведено.
done-books = Учёт проверен.

## Storage

nav-storage = Хранилище
yes = да
no = нет
storage-waiting = Что ждёт хранилища
storage-backfills = Ещё не перенесено
storage-deletions = Ещё не удалено
storage-aside = Отложено после неудач
storage-oldest = Самое старое — от
storage-list-fallback = Ещё не перенесённые
storage-list-lost = Потерянные
storage-list-trashed = Ещё не удалённые
storage-buckets = Бакеты
storage-uncounted = Подсчёта ещё не было. Он делается сам каждые десять минут.
storage-counted = Подсчитано:
storage-bucket = Бакет
storage-state = Состояние
storage-pictures = Картинки
storage-size = Размер
storage-all = Всего
storage-back = К хранилищу
storage-none = Таких нет.
storage-picture = Картинка
storage-model = Модель
storage-made = Создана (UTC)
storage-ends = Провайдер хранит до (UTC)
storage-no-promise = не обещано
storage-ended = срок вышел
storage-attempts = Неудачных попыток
storage-telegram = Есть в Telegram
picture-pending = в работе
picture-stored = сохранена
picture-fallback = ещё не перенесена
picture-lost = потеряна
picture-trashed = ждёт удаления
picture-purged = удалена
upkeep = Работы с хранилищем
upkeep-never = Работ ещё не было.
upkeep-show = Показать итог
upkeep-running = идёт
upkeep-stopping = останавливается
upkeep-finished = закончено
upkeep-failed = не удалось
upkeep-stopped = остановлено
upkeep-lost = прервано: процесс завершился
upkeep-check = Сверить объекты с записями
upkeep-check-words = Читает все записи и перечисляет все объекты. Ничего не меняет.
upkeep-move = Сверить и перенести в нужный бакет
upkeep-move-words = То же самое, но картинки из чужого бакета переносятся в бакет своей модели.
upkeep-backfill = Перенести всё, что ждёт
upkeep-backfill-words = Забирает каждую картинку, которая ждёт хранилища, и те, что были отложены.
upkeep-stop = Остановить работу
upkeep-stop-words = Сделанное остаётся; начать снова можно в любой момент.
upkeep-busy = Работа уже идёт. Дождитесь конца или остановите её.
upkeep-idle = Сейчас ничего не идёт.
upkeep-found-check = Что нашла последняя сверка
upkeep-found-backfill = Итог последнего переноса
upkeep-rows = Картинок сохранено по записям
upkeep-objects = Объекты
upkeep-missing = Записи без объекта
upkeep-strays = Объекты без записи
upkeep-stray-bytes = Размер объектов без записи
upkeep-misplaced = Не в том бакете
upkeep-moved = Перенесено в нужный
upkeep-stored = Перенесено
upkeep-waiting = Всё ещё ждут
upkeep-first = Первое из найденного
upkeep-what = Что
upkeep-subject = Объект или картинка
upkeep-note = Примечание
upkeep-is-missing = нет объекта
upkeep-is-stray = нет записи
upkeep-is-misplaced = не тот бакет
upkeep-is-waiting = ждёт
upkeep-runs = Последние работы
upkeep-began = Начало (UTC)
upkeep-kind = Работа
upkeep-by = Кто
upkeep-end = Чем кончилось
upkeep-done = Сделано
done-begun = Работа началась.
done-stopping = Остановится через несколько секунд.

## Catalogue

nav-catalogue = Каталог
catalogue-model = Модель
catalogue-now = Сейчас
catalogue-prices = Кредитов за картинку
catalogue-file = В файле
catalogue-word = Решение поверх файла
catalogue-active = продаётся
catalogue-degraded = продаётся с предупреждением
catalogue-retired = не продаётся
catalogue-on = В продаже
catalogue-off = Снята с продажи
catalogue-gone = провайдер ответил, что этой модели больше нет
catalogue-bot = сам бот
catalogue-reload = Перечитать файл
catalogue-reload-words = Берутся только модели и только на этом узле. Другие узлы перечитывают свой файл по SIGHUP, остальным ключам нужен перезапуск. Файл с ошибкой отклоняется, старые модели остаются.
catalogue-broken = Файл не принят, остаются старые модели.
catalogue-history = Решения по моделям
catalogue-at = Когда (UTC)
catalogue-author = Кто
catalogue-lifted = До
catalogue-back = К каталогу
catalogue-unlisted = В файле этой модели больше нет.
catalogue-id = Идентификатор
catalogue-endpoint = Адрес у провайдера
catalogue-ratios = Пропорции
catalogue-counts = Картинок за раз
catalogue-bucket = Бакет
catalogue-deadline = Срок в секундах
catalogue-successor = Замена
catalogue-take = Снять с продажи
catalogue-take-words = Людям предложат замену. Начатое доделается, картинки останутся.
catalogue-put = Вернуть в продажу
catalogue-put-words = Что бы ни стояло в файле, пока вы не отмените. Если провайдер снова ответит, что модели нет, бот снова снимет её с продажи.
catalogue-lift = Пусть решает файл
catalogue-lift-words = Отменяет сказанное здесь: снова действует то, что стоит в файле.
catalogue-stands = Поверх файла действует:
catalogue-silent = Поверх файла ничего не действует.
probe = Спросить провайдера
probe-words = Спрашивает FAL по адресу модели о запросе, которого не было: бесплатно, ничего не создаётся. Видно, что FAL отвечает и принимает ключ. Бесплатно узнать, рисует ли модель, у FAL нельзя; если заказ вернётся с ответом «модели нет», бот сам снимет её с продажи.
probe-answers = FAL отвечает по адресу модели и принимает ключ.
probe-refused = FAL не принимает ключ: проверьте FAL_KEY.
probe-money = Счёт в FAL пуст или заблокирован: пополните его.
probe-trouble = Спросить FAL не удалось:
done-sale = Готово. На всех узлах это подействует через несколько секунд.
done-reloaded = Файл прочитан, его модели в продаже.
## Обслуживание

nav-maintenance = Обслуживание
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
broadcast-blocked = Не доставлено (бот заблокирован)
broadcast-failed = Не удалось (отложено)
broadcast-given-up = Снято отменой
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
person-active = обслуживается
person-standing = Где он сейчас
person-language = Язык
person-telegrams = как в Telegram: { $code }
person-time-zone = Часовой пояс
person-screen = Экран
person-way-back = Путь назад
person-filters = В галерее показано
person-no-filters = все картинки
person-favourites = избранные
person-favourite = Избранных
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
person-delete = Удалить этого человека
person-delete-words = Незавершённые генерации отменяются, картинки удаляются, а с ними всё, что называет этого человека. Записи остаются на счёте под случайным номером. Отменить это нельзя.
person-delete-copies = Копии запросов этого человека у FAL тоже удаляются.
person-delete-copies-stay = Копии запросов этого человека остаются у FAL: чтобы удалить и их, заранее задайте FAL_ADMIN_KEY и перезапустите бота.
person-delete-confirm = Введите Telegram id ещё раз
person-delete-rules = Это не id этого человека. Группы удалить нельзя.
person-deleted = удалён
person-is-going = Этот человек удаляется.
person-going = Удаляется
person-going-words = Удаление идёт само и переживает перезапуски. Когда ждать больше нечего, человека не станет; пока Redis недоступен, оно ждёт и его. Если запросить ещё раз, неудавшиеся удаления картинок будут повторены.
person-going-since = Запрошено
person-going-updates = Необработанных обновлений
person-going-generations = Незавершённых генераций
person-going-parcels = Неотправленных сообщений
person-going-pictures = Картинок к удалению
person-going-requests = Запросов с копиями у FAL
person-going-copies-stay = остаются там: FAL_ADMIN_KEY не задан
person-going-refused = FAL не принимает FAL_ADMIN_KEY, и до тех пор удаление стоит. Задайте ключ с правами ADMIN и перезапустите бота. Если перезапустить его совсем без этого ключа, копии останутся у FAL, и удаление пойдёт дальше.
person-going-away = FAL недоступен или не может сейчас удалить свои копии. Бот сам попробует снова.
person-going-aside = Картинок, которые не удалось удалить трижды:
done-delete = Удаление идёт. Здесь видно, чего оно ждёт; когда оно закончится, человек больше не найдётся.
