# Что бот говорит по-русски. Значения экранируются и обрезаются при подстановке.
# Разрешённый HTML: b, i, code, pre, blockquote, blockquote expandable.
# Тест сверяет ключи и подстановки с исходниками и с другими языками.

## Части других фраз

n-credits =
    { $credits ->
        [one] { $credits } кредит
        [few] { $credits } кредита
       *[many] { $credits } кредитов
    }

n-pictures =
    { $count ->
        [one] { $count } картинка
        [few] { $count } картинки
       *[many] { $count } картинок
    }

## Команды в меню Telegram

command-start = Главное меню
command-imagine = Создать картинку по описанию
command-gallery = Ваши картинки
command-balance = Кредиты и история
command-settings = Язык, часовой пояс, модель
command-language = Выбрать язык
command-cancel = Выйти из шага или остановить генерацию
command-help = Как это работает

## Главное меню

home-welcome =
    👋 Здравствуйте, { $name }! Это студия ИИ-картинок.

    Опишите, что хотите увидеть. Цену вы узнаете до того, как начнётся работа.
home = 👋 Рады вас видеть, { $name }! Что создадим?
home-grant = 🎁 Подарок новичку: { n-credits }.
home-balance = Баланс: <b>{ n-credits }</b>

## Помощь, баланс, история

help =
    <b>Как это работает</b>

    1. Нажмите «Создать» или отправьте /imagine с описанием на любом языке.
    2. Проверьте заказ: модель, формат, число картинок и цену. Всё это можно изменить прямо там.
    3. Подтвердите. Кредиты резервируются и тратятся только на готовые картинки.

    Всё, что вы создали, хранится в /gallery.
    /balance покажет кредиты, /settings — язык и часовой пояс, а /cancel выведет из любого шага.
help-contact = Есть вопросы? Напишите: { $contact }.
balance = 💰 Баланс: <b>{ n-credits }</b>
balance-held = В резерве под картинки в работе: { n-credits }.
credits-ask = Чтобы получить кредиты, обратитесь к владельцу бота.
credits-contact = Чтобы получить кредиты, напишите: { $contact }.
history =
    <b>История баланса</b>

    { $lines }
history-empty = Здесь пока пусто. История начнётся с первых кредитов.
history-welcome = <b>+{ $credits }</b> · { $at } · подарок новичку
history-grant = <b>+{ $credits }</b> · { $at } · пополнение <i>{ $reason }</i>
history-withdrawal = <b>−{ $credits }</b> · { $at } · списано владельцем <i>{ $reason }</i>
history-refund = <b>+{ $credits }</b> · { $at } · возврат
history-capture = <b>−{ $credits }</b> · { $at } · <i>{ $prompt }</i>

## Настройки

settings =
    ⚙️ <b>Настройки</b>

    Язык: { $language }
    Часовой пояс: UTC{ $zone }
    Модель: { $model }
languages = 🌐 Выберите язык.
language-en = English
language-ru = Русский
zones = 🕒 Выберите часовой пояс: разница с UTC в часах. По нынешнему сейчас { $now }.
zone = { $offset }

## От описания до заказа

models = 🎨 Выберите модель. Цена указана за одну картинку.
prompt =
    ✍️ Что вы хотите увидеть? Опишите в сообщении, на любом языке.

    Модель: { $model }. Не больше { $max ->
        [one] { $max } символа
       *[many] { $max } символов
    }.
prompt-short =
    Слишком коротко: нужно не меньше { $min ->
        [one] { $min } символа
       *[many] { $min } символов
    }. Опишите картинку чуть подробнее.
prompt-long =
    Слишком длинно: { $length ->
        [one] { $length } символ
        [few] { $length } символа
       *[many] { $length } символов
    }, а можно не больше { $max }. Сократите и отправьте ещё раз.
ratios = 📐 Выберите соотношение сторон для { $model }.
counts = 🖼 Сколько картинок? Цена указана за все вместе.
resolutions = 🔍 Выберите разрешение для { $model }. Цена указана за одну картинку.
quote =
    ✨ <b>{ $model }</b> · { $ratio } · { n-pictures }
    <blockquote expandable>{ $prompt }</blockquote>
quote-price =
    Цена: <b>{ n-credits }</b> ({ $count } × { $each })
    Баланс: { $available }
quote-short =
    ⚠️ Не хватает { $missing ->
        [one] { $missing } кредита
       *[many] { $missing } кредитов
    }. Выберите меньше картинок или другую модель либо пополните баланс.
notice-successor = ℹ️ Модель { $old } больше не предлагается. Вместо неё — { $new }, по своей цене.
notice-degraded = ⚠️ Модель { $model } сейчас работает нестабильно: возможны задержки и сбои.

## Ход работы и итог

progress =
    { $state }
    <blockquote expandable>{ $prompt }</blockquote>
    { $model } · { $seconds } с
progress-waiting =
    ⏳ Ждём свободного места: перед вами { $before ->
        [one] { $before } генерация
        [few] { $before } генерации
       *[many] { $before } генераций
    }.
progress-sending = 📨 Передаём заказ…
progress-queued =
    ⏳ В очереди у провайдера: перед вами { $before ->
        [one] { $before } запрос
        [few] { $before } запроса
       *[many] { $before } запросов
    }.
progress-next = ⏳ В очереди у провайдера: вы следующие.
progress-running = 🎨 Рисуем…
progress-saving = 💾 Готово, забираем картинки…
progress-cancelling =
    🛑 Отменяем… Последнее слово за провайдером. Если картинки уже готовы, вы их получите.
outcome-cancelled = 🛑 Отменено. Картинки не создавались.
outcome-expired = ⌛ Это заняло слишком много времени, и мы остановили генерацию. Попробуйте ещё раз или выберите другую модель.
outcome-safety =
    🛡 Фильтр безопасности провайдера отклонил описание или сами картинки. Перефразируйте и попробуйте ещё раз.
outcome-bad-request = Модель не принимает такой запрос. Измените описание или настройки.
outcome-model-gone = Модель { $model } больше недоступна. Попробуйте ещё раз: мы предложим другую и сначала назовём цену.
outcome-out-of-money =
    Счёт студии у провайдера требует внимания владельца. Пожалуйста, попробуйте позже.
outcome-unreachable = Не удалось связаться с провайдером. Попробуйте через несколько минут.
outcome-pictures-lost = Картинки были созданы, но получить их не удалось. Попробуйте через несколько минут.
outcome-quarantined = Что-то пошло не так на нашей стороне. Владелец это увидит, а вы можете попробовать ещё раз.
outcome-provider = В этот раз у провайдера не получилось. Попробуйте ещё раз или выберите другую модель.
outcome-released = Резерв снят и снова на балансе: { n-credits }.
outcome-about =
    <blockquote expandable>{ $prompt }</blockquote>
    <i>№ { $number }</i>

## Готовая картинка, уведомления

result =
    <blockquote expandable>{ $prompt }</blockquote>
    { $model } · { $ratio }
result-paid =
    Оплачено: { n-credits } за { $count ->
        [one] { $count } картинку
        [few] { $count } картинки
       *[many] { $count } картинок
    }.
result-partial = Готово: { $got } из { $asked }. Вы заплатили только за готовое: { n-credits }.
result-placeholder =
    🖼 Картинка { $n } из { $count } уже в пути…
    <i>№ { $number }</i>
notice-granted = 🎁 Владелец пополнил ваш баланс: +{ n-credits }.
notice-withdrawn = Владелец уменьшил ваш баланс: −{ n-credits }.
notice-reason = Причина: <i>{ $reason }</i>
notice-refunded =
    ↩️ На баланс вернулось: { n-credits }. Вместо настоящих картинок генерация <i>№ { $number }</i> принесла тестовые изображения, а получить настоящие уже нельзя. Мы убрали тестовые из вашей галереи и вернули то, что вы за них заплатили.
notice-written =
    ✉️ Сообщение от владельца студии:
    <blockquote>{ $words }</blockquote>
apology =
    😔 Одно из ваших сообщений не удалось обработать, мы отложили его для владельца. Пожалуйста, попробуйте ещё раз.
blocked = 🚫 Владелец закрыл для вас доступ к студии. Если это ошибка, напишите ему.
group = 🙂 Я рисую только в личных чатах. Откройте чат со мной и нажмите «Старт».

## Галерея

card =
    🖼 { $position } из { $total } · <b>{ $model }</b> · { $ratio }
    { $at }
    <blockquote expandable>{ $prompt }</blockquote>
card-favourite =
    ⭐️ { $position } из { $total } · <b>{ $model }</b> · { $ratio }
    { $at }
    <blockquote expandable>{ $prompt }</blockquote>
card-filters =
    🔎 Фильтры:
    { $filters }
gallery-empty = 🖼 Картинок пока нет. Создайте первую, и она появится здесь.
gallery-nothing =
    🔎 Под ваши фильтры ничего не подошло:
    { $filters }

    Измените их или сбросьте, чтобы увидеть всё.
filters =
    🔎 <b>Фильтры</b>
    Выберите, что показывает галерея. Фильтры действуют, пока вы их не сбросите.
filters-none = Сейчас: все картинки.
filters-some =
    Сейчас:
    { $filters }
filter-model = Модель: { $model }
filter-dates = Даты: { $dates }
filter-favourites = Только избранное
filter-models = Картинки какой модели показать?
filter-days = За какие дни показать картинки?
dates-today = Сегодня
dates-yesterday = Вчера
dates-week = Последние 7 дней
dates-month = Последний месяц
dates-custom = { $from } – { $to }
dates-ask =
    📅 Отправьте один день или первый и последний, например:
    <code>01.11.2026 { $example }</code>
dates-refused = 🤔 Не удалось разобрать эти даты.
statistics =
    📊 <b>Статистика</b>

    Картинок: { $total }
    В избранном: { $favourites }
    За последние 30 дней: { $month }
    Генераций: { $generations }
    Потрачено кредитов: { $credits }
statistics-models =
    По моделям:
    { $lines }
statistics-model = { $model }: { $count }
statistics-since = Первая картинка: { $date }
prompt-full =
    📝 Описание, страница { $page } из { $pages }
    <blockquote>{ $prompt }</blockquote>
delete-ask = 🗑 Удалить картинку навсегда? Вернуть её будет нельзя.
picture-gone = Этой картинки больше нет. Остальные — в вашей галерее.

## Выход из шага

cancel-left = 👌 Вы вышли из этого шага.
cancel-nothing = Отменять нечего.
cancel-idle = Выходить неоткуда: вы не посреди шага.
cancel-open = Ещё в работе. Нажмите, чтобы отменить:

## Ответы на нажатия (не длиннее 200 символов) и отдельные строки

unreadable = 🙈 Я понимаю только текст. Опишите картинку словами или откройте меню.
unknown-command = Такой команды я не знаю. Что я умею, покажет /help.
broadcast = { $text }
alert-link = { $url }
alert-telegram = Telegram
alert-fal = FAL
alert-objects = Хранилище картинок
alert-redis = Redis
alert-database = База данных
alert-away = 🔴 Нет ответа: { $what }, с { $since } UTC.
alert-back = 🟢 Снова отвечает: { $what }. Ответа не было с { $since } до { $until } UTC.
alert-money = 🔴 На счёте FAL нет денег, с { $since } UTC: генерации не удаются, с людей ничего не списывается. Пополните счёт.
alert-money-back = 🟢 FAL снова принимает заказы. Денег не было с { $since } до { $until } UTC.
alert-aside =
    ⚠️ { $count ->
        [one] Отложена { $count } запись: она не удалась несколько раз подряд.
        [few] Отложены { $count } записи: они не удались несколько раз подряд.
       *[other] Отложено { $count } записей: они не удались несколько раз подряд.
    } Посмотрите и решите, повторить или отбросить.
alert-model-gone = ⚠️ FAL больше не знает модель { $model }: она снята с продажи, предлагается замена.
alert-model-off = ℹ️ Модель { $model } снята с продажи. { $said }
alert-books =
    🔴 Книги не сходятся: { $count ->
        [one] { $count } нарушение
        [few] { $count } нарушения
       *[other] { $count } нарушений
    }. Посмотрите журнал кредитов, прежде чем что-либо менять.
alert-proposal =
    🟡 { $count ->
        [one] { $count } проводка ждёт
        [few] { $count } проводки ждут
       *[other] { $count } проводок ждут
    } второго оператора. Тот, кто её предложил, одобрить её не может; через сутки она отпадёт.
alert-backup =
    ⚠️ Последней исправной копии уже { $hours ->
        [one] { $hours } час
        [few] { $hours } часа
       *[other] { $hours } часов
    }.
alert-backup-never =
    ⚠️ Здесь ещё не сделано ни одной копии, а ботом пользуются уже { $hours ->
        [one] { $hours } час
        [few] { $hours } часа
       *[other] { $hours } часов
    }. Сделайте первую: aisha backup ПАПКА.
alert-node = 🔴 Узел { $node } ({ $address }) пропал, не попрощавшись. Его работу взяли остальные.
maintenance = 🛠 Идут технические работы, и новые заказы мы ненадолго не принимаем. То, что вы заказали раньше, будет готово, а галерея открыта. Пожалуйста, загляните чуть позже.
note-maintenance = Идут технические работы: новое не запускается, и ничего не списано. Пожалуйста, нажмите ещё раз чуть позже.
nothing-for-sale = Сейчас нет доступных моделей. Пожалуйста, зайдите чуть позже.
note-too-fast = 🐢 Не так быстро, пожалуйста. Подождите пару секунд и попробуйте ещё раз.
note-old-button = Эта кнопка из старой версии. Вместо неё — главное меню.
note-saved = Сохранено
note-reset = Фильтры сброшены
note-picture-gone = Этой картинки больше нет.
note-price-changed = Цена за это время изменилась. Посмотрите новый заказ и подтвердите его.
note-limit =
    В работе уже { $count ->
        [one] { $count } генерация
        [few] { $count } генерации
       *[many] { $count } генераций
    }, больше одновременно нельзя. Дождитесь, пока одна завершится, или отмените её через /cancel.
note-done-already = Эта генерация уже завершена.
note-started-already = Эта генерация уже в работе.
note-old-quote = Этот заказ устарел. Вот новый.
note-cancelling = Отменяем…
note-cancel-ready = Отменить уже нельзя: картинки созданы, вы получите их через мгновение.
note-cancel-over = Эта генерация уже завершена.
note-cancel-unknown = Такой генерации нет. Что сейчас в работе, покажет /cancel.
note-cancel-slow = Это занимает больше времени, чем обычно. Чуть позже можно нажать ещё раз.
note-favourite-on = ⭐️ Добавлено в избранное
note-favourite-off = Убрано из избранного
note-counter = Сначала идут новые картинки. К остальным ведут стрелки.
note-deleted = Удалено

## Кнопки

b-all-days = Все дни
b-all-models = Все модели
b-again = 🔁 Ещё раз
b-back = ↩️ Назад
b-balance = 💰 Баланс
b-cancel = 🛑 Отменить
b-cancel-one = 🛑 { $prompt }
b-change-count = 🖼 { n-pictures }
b-change-ratio = 📐 { $ratio }
b-change-resolution = 🔍 { $resolution }
b-chosen = ✅ { $label }
b-close = ✖️ Закрыть
b-contact = 💬 Написать владельцу
b-copy = 📋 Копировать
b-count = { $count } · { n-credits }
b-counter = { $position } / { $total }
b-custom-dates = 📅 Другие дни
b-delete = 🗑 Удалить
b-delete-yes = 🗑 Удалить навсегда
b-earlier = Раньше ➡️
b-edit-prompt = ✍️ Изменить описание
b-favourite-off = ⭐️ Избранное
b-favourite-on = ☆ Избранное
b-filter-dates = 📅 Даты
b-filter-favourites = ⭐️ Избранное
b-filter-model = 🎨 Модель
b-filters = 🔎 Фильтры
b-gallery = 🖼 Галерея
b-generate = ✨ Создать · { n-credits }
b-help = ❓ Помощь
b-history = 🧾 История
b-home = 🏠 Меню
b-imagine = ✨ Создать
b-keep = Оставить
b-language = 🌐 Язык
b-model = 🎨 Модель
b-model-price = { $model } · { n-credits }
b-new-ratio = 📐 Другой формат
b-newer = ⬅️
b-newest = ⬅️ Новые
b-older = ➡️
b-one-model = { $model }
b-original = 📄 Оригинал
b-prompt = 📝 Описание
b-ratio = { $ratio }
b-refresh = 🔄 Проверить ещё раз
b-reset = ♻️ Сбросить
b-resolution = { $resolution } · { n-credits }
b-settings = ⚙️ Настройки
b-show = 👀 Показать ({ $count })
b-statistics = 📊 Статистика
b-try-again = 🔁 Ещё раз
b-zone = 🕒 Часовой пояс
