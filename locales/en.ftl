# What the bot says in English. Values are escaped and cut when they are put in.
# HTML allowed here: b, i, code, pre, blockquote, blockquote expandable.
# A test compares keys and placeholders with the sources and with the other languages.

## Parts of other sentences

n-credits =
    { $credits ->
        [one] { $credits } credit
       *[other] { $credits } credits
    }

n-pictures =
    { $count ->
        [one] { $count } picture
       *[other] { $count } pictures
    }

## Commands, as Telegram lists them

command-start = Main menu
command-imagine = Create a picture from words
command-gallery = Your pictures
command-balance = Credits and history
command-settings = Language, time zone, model
command-language = Choose a language
command-cancel = Leave this step or stop a generation
command-help = How it works

## Home

home-welcome =
    👋 Hi, { $name }! This is a studio for AI pictures.

    Describe what you would like to see. You will know the price before anything is made.
home = 👋 Good to see you, { $name }! What shall we create?
home-grant = 🎁 A welcome gift: { n-credits }.
home-balance = Balance: <b>{ n-credits }</b>

## Help, balance, history

help =
    <b>How it works</b>

    1. Tap “Create” or send /imagine with a description, in any language.
    2. Check the quote: model, ratio, number of pictures and price. Each can be changed there.
    3. Confirm. The credits are set aside and spent only on pictures that are ready.

    Everything you make stays in /gallery.
    /balance shows your credits, /settings your language and time zone, and /cancel leaves any step.
help-contact = Questions? Write to { $contact }.
balance = 💰 Balance: <b>{ n-credits }</b>
balance-held = Set aside for pictures in progress: { n-credits }.
credits-ask = To get more credits, ask the operator of this bot.
credits-contact = To get more credits, write to { $contact }.
history =
    <b>Balance history</b>

    { $lines }
history-empty = There is nothing here yet. Your history begins with your first credits.
history-welcome = <b>+{ $credits }</b> · { $at } · welcome gift
history-grant = <b>+{ $credits }</b> · { $at } · top-up <i>{ $reason }</i>
history-withdrawal = <b>−{ $credits }</b> · { $at } · taken back by the operator <i>{ $reason }</i>
history-refund = <b>+{ $credits }</b> · { $at } · refund
history-capture = <b>−{ $credits }</b> · { $at } · <i>{ $prompt }</i>

## Settings

settings =
    ⚙️ <b>Settings</b>

    Language: { $language }
    Time zone: UTC{ $zone }
    Model: { $model }
languages = 🌐 Choose your language.
language-en = English
language-ru = Русский
zones = 🕒 Choose your time zone, in hours from UTC. By the current one it is { $now }.
zone = { $offset }

## From the prompt to the quote

models = 🎨 Choose a model. The price is for one picture.
prompt =
    ✍️ What would you like to see? Describe it in a message, in any language.

    Model: { $model }. Up to { $max ->
        [one] { $max } character
       *[other] { $max } characters
    }.
prompt-short =
    That is too short: at least { $min ->
        [one] { $min } character is needed
       *[other] { $min } characters are needed
    }. Describe the picture in a little more detail.
prompt-long =
    That is too long: { $length ->
        [one] { $length } character
       *[other] { $length } characters
    }, and { $max } at most are possible. Shorten it and send it again.
ratios = 📐 Choose the aspect ratio for { $model }.
counts = 🖼 How many pictures? The price is for all of them.
resolutions = 🔍 Choose the resolution for { $model }. The price is for one picture.
quote =
    ✨ <b>{ $model }</b> · { $ratio } · { n-pictures }
    <blockquote expandable>{ $prompt }</blockquote>
quote-price =
    Price: <b>{ n-credits }</b> ({ $count } × { $each })
    Balance: { $available }
quote-short =
    ⚠️ You are { $missing ->
        [one] { $missing } credit
       *[other] { $missing } credits
    } short. Choose fewer pictures or another model, or top up.
notice-successor = ℹ️ { $old } is no longer offered. { $new } takes its place, at its own price.
notice-degraded = ⚠️ { $model } has been unreliable lately. It may take longer or fail.

## Progress and outcome

progress =
    { $state }
    <blockquote expandable>{ $prompt }</blockquote>
    { $model } · { $seconds } s
progress-waiting =
    ⏳ Waiting for a free place: { $before ->
        [one] { $before } generation
       *[other] { $before } generations
    } before yours.
progress-sending = 📨 Handing the order over…
progress-queued =
    ⏳ In the provider’s queue: { $before ->
        [one] { $before } request
       *[other] { $before } requests
    } before yours.
progress-next = ⏳ In the provider’s queue: yours is next.
progress-running = 🎨 Drawing…
progress-saving = 💾 Ready. Fetching the pictures…
progress-cancelling =
    🛑 Cancelling… The provider has the last word. If the pictures are already made, you will get them.
outcome-cancelled = 🛑 Cancelled. No pictures were made.
outcome-expired = ⌛ It took too long, so it was stopped. Try again, perhaps with another model.
outcome-safety =
    🛡 The provider’s safety filter refused this prompt or its pictures. Put it in other words and try again.
outcome-bad-request = The model does not accept this request. Change the prompt or the settings.
outcome-model-gone = { $model } is no longer available. Try again: another model is offered, price first.
outcome-out-of-money =
    The studio’s account with the provider needs the operator’s attention. Please try again later.
outcome-unreachable = The provider could not be reached. Try again in a few minutes.
outcome-pictures-lost = The pictures were made, but could not be fetched. Try again in a few minutes.
outcome-quarantined = Something went wrong on our side. The operator can see it. You can try again now.
outcome-provider = The provider could not make it this time. Try again, perhaps with another model.
outcome-released = The { n-credits } set aside for it are back on your balance.
outcome-about =
    <blockquote expandable>{ $prompt }</blockquote>
    <i>No. { $number }</i>

## A delivered picture, notices

result =
    <blockquote expandable>{ $prompt }</blockquote>
    { $model } · { $ratio }
result-paid = Paid: { n-credits } for { n-pictures }.
result-partial = Ready: { $got } of { $asked }. You paid only for what is ready: { n-credits }.
result-placeholder =
    🖼 Picture { $n } of { $count } is on its way…
    <i>No. { $number }</i>
notice-granted = 🎁 The operator added { n-credits } to your balance.
notice-withdrawn = The operator took { n-credits } off your balance.
notice-reason = Reason: <i>{ $reason }</i>
notice-refunded =
    ↩️ { n-credits } came back to your balance. Generation <i>{ $number }</i> had brought test images instead of real pictures, and the real ones can no longer be fetched. The test images left your gallery; what you paid for them is yours again.
notice-written =
    ✉️ A message from the operator:
    <blockquote>{ $words }</blockquote>
apology =
    😔 One of your messages could not be worked off and was set aside for the operator. Please try again.
blocked = 🚫 The operator has closed this studio to you. If you think this is a mistake, write to the operator.
group = 🙂 I draw in private chats only. Open a chat with me and press “Start”.

## Gallery

card =
    🖼 { $position } of { $total } · <b>{ $model }</b> · { $ratio }
    { $at }
    <blockquote expandable>{ $prompt }</blockquote>
card-favourite =
    ⭐️ { $position } of { $total } · <b>{ $model }</b> · { $ratio }
    { $at }
    <blockquote expandable>{ $prompt }</blockquote>
card-filters =
    🔎 Filters:
    { $filters }
gallery-empty = 🖼 No pictures yet. Create your first one, and it will stay here.
gallery-nothing =
    🔎 No picture matches your filters:
    { $filters }

    Change them, or reset them to see everything.
filters =
    🔎 <b>Filters</b>
    Choose what the gallery shows. They stay until you reset them.
filters-none = Now: all pictures.
filters-some =
    Now:
    { $filters }
filter-model = Model: { $model }
filter-dates = Dates: { $dates }
filter-favourites = Favourites only
filter-models = Pictures by which model?
filter-days = Pictures from which days?
dates-today = Today
dates-yesterday = Yesterday
dates-week = Last 7 days
dates-month = Last month
dates-custom = { $from } – { $to }
dates-ask =
    📅 Today is { $example }. Send one day, or the first and the last, as year-month-day:
    <code>2026-11-01 2026-11-15</code>
dates-refused = 🤔 I could not read these dates.
statistics =
    📊 <b>Statistics</b>

    Pictures: { $total }
    Favourites: { $favourites }
    In the last 30 days: { $month }
    Generations: { $generations }
    Credits spent: { $credits }
statistics-models =
    By model:
    { $lines }
statistics-model = { $model }: { $count }
statistics-since = Your first picture: { $date }
prompt-full =
    📝 Prompt, page { $page } of { $pages }
    <blockquote>{ $prompt }</blockquote>
delete-ask = 🗑 Delete this picture for good? It cannot be brought back.
picture-gone = This picture is no longer here. The others are in your gallery.

## Leaving a step

cancel-left = 👌 You have left this step.
cancel-nothing = There is nothing to cancel.
cancel-idle = There is no step to leave.
cancel-open = Still in progress. Tap one to cancel it:

## Notes: the answers to presses, at most 200 characters, and single lines

unreadable = 🙈 I can read only text. Describe the picture in words, or open the menu.
unknown-command = I do not know this command. /help shows what I can do.
broadcast = { $text }
alert-link = { $url }
alert-telegram = Telegram
alert-fal = FAL
alert-objects = Object storage
alert-redis = Redis
alert-database = The database
alert-away = 🔴 { $what } does not answer, since { $since } UTC.
alert-back = 🟢 { $what } answers again. It was away from { $since } to { $until } UTC.
alert-money = 🔴 FAL is out of money, since { $since } UTC: generations fail, and nobody is charged for them. Please top up the account.
alert-money-back = 🟢 FAL takes orders again. It was out of money from { $since } to { $until } UTC.
alert-aside =
    ⚠️ { $count ->
        [one] { $count } item is set aside: it failed again and again.
       *[other] { $count } items are set aside: they failed again and again.
    } Have a look, then replay or discard.
alert-model-gone = ⚠️ FAL does not know the model { $model } any more: it is off sale, and its successor is offered.
alert-model-off = ℹ️ The model { $model } was taken off sale. { $said }
alert-books =
    🔴 The books are not right in { $count ->
        [one] { $count } place
       *[other] { $count } places
    }. Please look at the ledger before you change anything.
alert-proposal =
    🟡 { $count ->
        [one] { $count } booking waits
       *[other] { $count } bookings wait
    } for a second operator. Whoever proposed it cannot approve it; after a day it is over.
alert-backup =
    ⚠️ The last good backup is { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    } old.
alert-backup-never =
    ⚠️ No backup was ever made here, and people have been using the bot for { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }. Please make one: aisha backup DIR.
alert-node = 🔴 The node { $node } ({ $address }) is gone without saying goodbye. The others have taken over.
maintenance = 🛠 We are doing some maintenance and take no new orders for a short while. What you ordered before is still being made, and your gallery is open. Please come back a little later.
note-maintenance = Maintenance is under way: nothing new is started, and nothing was charged. Please press this again a little later.
nothing-for-sale = No model is available right now. Please come back a little later.
note-too-fast = 🐢 One at a time, please. Wait a few seconds and try again.
note-old-button = This button is from an older version. Here is the menu instead.
note-saved = Saved
note-reset = Filters reset
note-picture-gone = This picture is no longer here.
note-price-changed = The price has changed meanwhile. Please look at the new quote and confirm it.
note-limit =
    You already have { $count ->
        [one] { $count } generation
       *[other] { $count } generations
    } in progress, and more is not possible at once. Wait for one to finish, or cancel one with /cancel.
note-done-already = This one is finished already.
note-started-already = This one is in progress already.
note-old-quote = This quote is out of date. Here is a new one.
note-cancelling = Cancelling…
note-cancel-ready = Too late to cancel: the pictures are made, and you will get them in a moment.
note-cancel-over = It is over already.
note-cancel-unknown = There is no such generation. /cancel shows what is in progress.
note-cancel-slow = This takes longer than usual. You can press again in a moment.
note-favourite-on = ⭐️ Added to favourites
note-favourite-off = Removed from favourites
note-counter = The newest picture comes first. The arrows lead to the others.
note-deleted = Deleted

## Buttons

b-all-days = All days
b-all-models = All models
b-again = 🔁 Again
b-back = ↩️ Back
b-balance = 💰 Balance
b-cancel = 🛑 Cancel
b-cancel-one = 🛑 { $prompt }
b-change-count = 🖼 { n-pictures }
b-change-ratio = 📐 { $ratio }
b-change-resolution = 🔍 { $resolution }
b-chosen = ✅ { $label }
b-close = ✖️ Close
b-contact = 💬 Write to the operator
b-copy = 📋 Copy
b-count = { $count } · { n-credits }
b-counter = { $position } / { $total }
b-custom-dates = 📅 Other days
b-delete = 🗑 Delete
b-delete-yes = 🗑 Delete for good
b-earlier = Earlier ➡️
b-edit-prompt = ✍️ Change the prompt
b-favourite-off = ⭐️ Favourite
b-favourite-on = ☆ Favourite
b-filter-dates = 📅 Dates
b-filter-favourites = ⭐️ Favourites
b-filter-model = 🎨 Model
b-filters = 🔎 Filters
b-gallery = 🖼 Gallery
b-generate = ✨ Generate · { n-credits }
b-help = ❓ Help
b-history = 🧾 History
b-home = 🏠 Menu
b-imagine = ✨ Create
b-keep = Keep
b-language = 🌐 Language
b-model = 🎨 Model
b-model-price = { $model } · { n-credits }
b-new-ratio = 📐 New ratio
b-newer = ⬅️
b-newest = ⬅️ Newest
b-older = ➡️
b-one-model = { $model }
b-original = 📄 Original
b-prompt = 📝 Prompt
b-ratio = { $ratio }
b-refresh = 🔄 Check again
b-reset = ♻️ Reset
b-resolution = { $resolution } · { n-credits }
b-settings = ⚙️ Settings
b-show = 👀 Show ({ $count })
b-statistics = 📊 Statistics
b-try-again = 🔁 Try again
b-zone = 🕒 Time zone
