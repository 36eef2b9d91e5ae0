# What the dashboard says in English. Plain text: the pages escape it.
# A test compares keys and placeholders with the sources and with the other languages.

## The frame

skip = Skip to the content
navigation = Pages
sandbox = Sandbox
language = Language
theme = Colours
theme-auto = Auto
theme-light = Light
theme-dark = Dark
logout = Sign out
find = Find
older = Older
reason = Reason
reason-hint = It stands in the audit log
status-well = All is well
status-away = The database does not answer
status-actors = The actors do not answer
status-aside =
    { $count ->
        [one] { $count } item is set aside
       *[other] { $count } items are set aside
    }

nav-operators = Operators
nav-audit = Audit log
nav-account = Your account

role-viewer = Viewer
role-support = Support
role-finance = Finance
role-owner = Owner
role-viewer-words = Viewer: sees everything, changes nothing
role-support-words = Support: helps people, settles generations
role-finance-words = Finance: moves credits too
role-owner-words = Owner: everything, operators included

## Errors

error-title = Error { $status }
error-request = Number of the request:
error-home = To the start
error-not-found = There is nothing here. It may have been deleted, or the address is wrong.
error-forbidden = Your role does not allow this. Ask an owner for another role.
error-forged = This page was too old, or the request did not come from it. Reload the page and try again.
error-bad-request = The request cannot be understood. Go back and fill in the form again.
error-away = Not now: the database does not answer, or too much is going on. Try again in a few seconds.
error-internal = Something went wrong here. The log says more under the number of the request.
error-reason = Say why, in a line of 1 to 200 characters.
error-last-owner = This is the last owner who can sign in. Make another one first.

## Signing in

login-title = Sign in
login = Sign in
login-name = Name
login-password = Password
login-code = Code from your app
login-code-hint = Only if you have set up a second factor
login-wrong = Name, password or code is wrong.
login-wait =
    { $seconds ->
        [one] Too many tries. Try again in { $seconds } second.
       *[other] Too many tries. Try again in { $seconds } seconds.
    }
login-help = No account yet? On the machine of the bot:
link-words = This link signs you in once.
link-used = This link was used already, or it is too old. Start the sandbox again for a new one.
proof-title = Your password once more
proof-words = What comes next is about money or about who may do what, so please confirm that it is you. Then send the form again.
proof-button = Confirm
proof-wrong = Password or code is wrong.

## The own account

account-password = Password
account-totp = Second factor
account-sessions = Signed in at
account-end-others = End all other sessions
password-now = Your password now
password-new = New password
password-rules = At least 15 characters. Four words that have nothing to do with each other are good.
password-change = Change the password
password-short = A password has at least 15 characters.
password-long = A password has at most 256 characters.
password-guessable = This password is easy to guess. Take four words that have nothing to do with each other.
totp-on = On
totp-on-words = Signing in asks for a code from your app.
totp-off-words = Off. An app on your phone makes a code that changes every 30 seconds; without it nobody signs in as you, even with your password.
totp-set-up = Set it up
totp-switch-off = Switch off
totp-switch-on = Switch on
totp-scan = Scan this with your authenticator app.
totp-type = Or type this in:
totp-confirm = Type the code that the app shows now. You sign in anew afterwards, with the next code.
totp-wrong = The code is wrong or too old. Take the one that the app shows now.
sessions-none = Nowhere at the moment.
session-began = Since
session-seen = Last used
session-address = Address
session-agent = Browser
session-this = this one

## Operators

operator-name = Name
operator-name-rules = 1 to 32 of a-z, 0-9, dot, dash and underscore
operator-role = Role
operator-state = State
operator-since = Since
operator-active = active
operator-disabled = disabled
operator-totp = second factor
operator-new = A new operator
operator-password = First password
operator-create = Create
operator-taken = There is an operator of this name already.
operator-set-role = Set the role
operator-end-sessions = End all sessions
operator-reset = New password
operator-reset-words = For somebody who lost theirs. Their second factor is switched off and all their sessions end.
operator-reset-button = Set the password
operator-access = Access
operator-disable = Disable
operator-enable = Enable

done-created = The operator was created.
done-role = The role was set.
done-disabled = The operator was disabled; all their sessions have ended.
done-enabled = The operator can sign in again.
done-sessions = The sessions have ended.
done-password = The password was set; all sessions have ended.
done-proved = Confirmed. Send the form again, please.

## Audit log

audit-check = Check the whole log
audit-empty = Nothing here yet.
audit-at = When (UTC)
audit-actor = Who
audit-action = What
audit-subject = To whom or what
audit-change = Change
audit-from = From
audit-whole =
    { $rows ->
        [one] The log is whole: { $rows } row, as it was written.
       *[other] The log is whole: { $rows } rows, each as it was written.
    }
audit-broken = The log is not what was written: look at row { $row }. Somebody changed or deleted it in the database.

## People and generations

nav-people = People
nav-generations = Generations
people-search = Search
people-search-hint = An id, or how a name or @username begins
people-found = Found:
people-none = Nobody here yet. People appear with their first message to the bot; a search finds how names begin.
person-name = Name
person-username = Username
person-id = Telegram id
person-credits = Credits
person-pictures = Pictures
person-open = Under way
person-served = Served
person-since = Since
person-blocked = blocked by you
person-stopped = blocked the bot
person-active = yes
person-standing = Where they stand
person-language = Language
person-telegrams = as Telegram says: { $code }
person-time-zone = Time zone
person-screen = Screen
person-way-back = Way back
person-filters = Gallery shows
person-no-filters = all pictures
person-favourites = favourites
person-draft = Prompt being written
person-balance = Balance
person-available = Free
person-held = On hold
person-credited = Given in all
person-debited = Taken in all
person-spent = Spent on pictures
person-captured = Generations paid for
person-last-month = Pictures in 30 days
person-acts = What you can do
person-give = Give or take back credits
person-way = Direction
person-way-give = Give
person-way-take = Take back
person-amount = Whole credits
person-amount-rules = The amount is a whole number from 1 to 1,000,000,000.
person-reads-reason = The person is told in the chat, and reads the reason too.
person-book = Book
person-too-little = They do not have that many free credits: nothing was taken.
person-write = Write to them
person-words = Your message
person-words-rules = A message has 1 to 2000 characters.
person-is-stopped = They blocked the bot, so nothing can be written to them until they come back.
person-send = Send
person-block = Block
person-unblock = Unblock
person-block-words = It takes effect in order with what they do, as soon as the bot works it off.
person-export = Export their data
person-export-words = One JSON file: the profile, where they stand, every entry, generation and picture. It is personal; hand it to nobody else.
person-download = Download
person-ledger = Ledger
person-no-entries = Nothing was booked yet.
person-at = When (UTC)
person-entry = Entry
person-by = By
person-generation = Generation
person-no-generations = They have not made anything yet.
person-all-generations = All their generations
person-gallery = Gallery
person-no-pictures = No pictures yet.

screen-home = Home
screen-help = Help
screen-balance = Balance
screen-history = History
screen-settings = Settings
screen-languages = Languages
screen-time-zones = Time zones
screen-models = Models
screen-prompt = Waits for a prompt
screen-ratios = Ratios
screen-counts = How many pictures
screen-resolutions = Resolutions
screen-quote = Quote
screen-progress = Progress
screen-gallery = Gallery
screen-filters = Filters
screen-filter-models = Filter by model
screen-filter-dates = Filter by date
screen-custom-dates = Waits for two dates
screen-statistics = Statistics
dates-today = today
dates-yesterday = yesterday
dates-week = the last seven days
dates-month = the last month

booked-welcome = Welcome
booked-grant = Given
booked-withdrawal = Taken back
booked-hold = Hold
booked-capture = Paid
booked-release = Hold released
booked-refund = Refund

gens-found = Found:
gens-none = No generation is like this.
gens-any = Any
gens-user = Person
gens-since = From (UTC)
gens-until = Until (UTC)
gens-error = Error says
gens-which = Which
gens-live = only under way
gens-order = Order
gens-newest = Newest first
gens-oldest = Oldest first
gen-title = Generation { $number }
gen-id = Id
gen-state = State
gen-failure = Why not
gen-model = Model
gen-prompt = Prompt
gen-ratio = Ratio
gen-resolution = Resolution
gen-price = Credits
gen-pictures = Pictures
gen-captured-of = Paid pictures
gen-request = Provider's request
gen-submits = Submits
gen-attempts = Failures of ours
gen-seed = Seed
gen-created = Made (UTC)
gen-deadline = Deadline (UTC)
gen-finished = Finished (UTC)
gen-order = The order
gen-story = What happened
gen-what = What
gen-more = More
gen-reserved = waits for a place
gen-submitting = is being submitted
gen-queued = at the provider
gen-resulted = fetching pictures
gen-captured = paid, being shown
gen-delivered = delivered
gen-cancelling = being cancelled
gen-cancelled = cancelled
gen-failed = failed
gen-expired = expired
gen-failed-safety = safety filter
gen-failed-bad-request = not accepted by the provider
gen-failed-model-gone = the model is gone
gen-failed-out-of-money = our account there is empty
gen-failed-provider = the provider failed
gen-failed-unreachable = the provider was out of reach
gen-failed-pictures-lost = the pictures were lost
gen-failed-quarantined = set aside, or ended by an operator
gen-drive = Look at it now
gen-drive-words = The next step is taken at once instead of at the next look, and pictures whose copying was given up are tried again. Nothing is ordered or paid anew.
gen-deliver = Deliver again
gen-deliver-words = What it came to is shown in the chat again: a message that is still there is brought up to date, a deleted one is sent anew. Pictures that the person deleted stay deleted.
gen-cancel = Cancel
gen-cancel-words = As if the person had cancelled: what the provider has finished by then is still delivered and paid.
gen-release = End it and release the hold
gen-release-words = It ends at once, whatever the provider says later; the credits are free again and the person is told. Use it for what hangs.
gen-refund = Refund
gen-refund-words = Everything that was paid for it goes back to the person, once. The pictures stay theirs, and they read the reason.
gen-too-late = It has moved on meanwhile: this can no longer be done. Here is how it stands now.
event-created = Made, credits on hold
event-submitted = Submitted
event-queued = Taken by the provider
event-cancel-asked = Cancellation asked for
event-resulted = Result known
event-captured = Paid
event-failed = Failure of ours
event-picture = Picture
event-listed = In the gallery
event-owed = To be sent
event-sent = Sent
event-not-sent = Given up
event-set-aside = Set aside
parcel-picture = picture
parcel-outcome = outcome
pic-pending = pending
pic-stored = stored
pic-fallback = at the provider only
pic-lost = lost
pic-trashed = deleted by its owner
pic-purged = gone for good
pic-alt = Picture { $n } of generation { $number }, { $model }
pic-object = Object
pic-size = Size
pic-attempts = Failed copies
pic-until = Provider keeps it until

done-asked = Asked for. It takes effect as soon as the bot works it off.
done-nothing = Nothing had to be done.
done-credits = Booked. The person is told in the chat.
done-credits-before = That was booked before: nothing has changed.
done-written = The message is on its way.
done-driven = It is being looked at now.
done-delivered = On its way to the chat again.
done-refunded = Refunded. The person is told in the chat.
