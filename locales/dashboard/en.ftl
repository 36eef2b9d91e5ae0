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

## Overview

nav-overview = Overview
first-title = Nobody has used the bot yet
first-words = Here is how to see it work. Figures and charts fill by themselves as soon as somebody does.
first-sandbox = Everything runs in the sandbox: Telegram and the provider are pretended, no money is spent.
first-sandbox-link = Open the chat and say /start
first-bot = Open your bot in Telegram and press Start. The first person is registered at once.
first-picture = Order a picture: it shows up below within a few seconds.
first-doctor = If nothing comes, check everything that the bot depends on:
first-account = Set up a second factor, and an account for everybody who helps you:
tile-updates = Updates per minute
tile-begun = Generations per minute
tile-five-minutes = over the last five minutes
tile-hour = over the last hour
tile-today = since midnight, UTC
tile-running = Running
tile-undelivered =
    { $count ->
        [0] everything paid is delivered
        [one] { $count } is paid and on its way
       *[other] { $count } are paid and on their way
    }
tile-waiting = Waiting
tile-waiting-note = for a place at the provider
tile-success = Success rate
tile-median = From prompt to picture: half within
tile-slowest = From prompt to picture: 95% within
tile-spent = Credits spent
tile-restarts = Restarts of actors
tile-since-start = since the start
tile-aside = Set aside
tile-aside-note = updates, messages, storage jobs
health-title = What the bot depends on
health-database = Database
health-telegram = Telegram
health-fal = FAL
health-objects = Picture storage
health-redis = Redis
health-this = This process
health-nodes = Processes
health-living =
    { $count ->
        [one] { $count } alive
       *[other] { $count } alive
    }
health-ok = well
health-degraded = degraded
health-away = away
health-no-lease = has lost its lease
health-unknown = not known
charts-title = What happened
charts-table = The same as a table
charts-empty = Nothing was summed yet. Each minute is summed once it is over, so look again in a minute or two.
span-hour = 1 hour
span-day = 24 hours
span-month = 30 days
chart-time = Time (UTC)
chart-rates = Per minute
chart-updates = Updates
chart-begun = Generations
chart-latency = From prompt to picture, in seconds
chart-median = half within
chart-slowest = 95% within
chart-ends = How generations ended
chart-delivered = delivered
chart-failed = failed
chart-cancelled = cancelled
chart-credits = Credits
chart-captured = spent
chart-refunded = refunded
chart-summary = { $name }: { $last } last, { $most } at most.
chart-nothing = { $name }: nothing.

## Actors

nav-actors = Actors
path = Where you are
actors-tab = Actors
actors-tree = Processes and their actors
actors-users = People's actors
actors-live =
    { $count ->
        [0] None lives at the moment. An update makes one.
        [one] { $count } lives. One that is idle is put away, and made anew by the next update.
       *[other] { $count } live. One that is idle is put away, and made anew by the next update.
    }
actors-user = Person's number
actors-user-number = A person is searched by their Telegram number, such as 123456789.
actors-user-none = No live actor of this person is known. Processes other than this one tell of their busiest 50 only.
actors-users-none = No person's actor is alive.
actors-order = Order
actors-by-busiest = busiest first
actors-by-recent = latest first
actors-by-id = by number
actors-others-unknown = The database does not answer, so only this process is shown.
actors-unknown = The process knows no such actor.
actors-ended = The actor has ended for good. The process will be started anew by whoever watches it.
actors-late = The actor is busy. It will do so when what it has in hand ends.
actors-not-taken = The process did not take the order in time. It may be away.
actors-node-ended = The process has ended, so nothing was done.
actor-kind = Actor
actor-of = Actor of person { $user }
actor-person = Person
actor-see = Its actor
actor-facts = As it is now
actor-state = State
actor-running = running
actor-resting = resting after a crash
actor-gone = ended
actor-incarnation = Life no.
actor-born = Born
actor-mailbox = Mailbox
actor-queued = { $count } wait before it
actor-handled = Handled
actor-last = Last message
actor-restarts = Restarts
actor-restarts-none = None.
actor-asked = an operator asked for it
actor-budget = Restarts left
actor-restart = Restart
actor-restart-words = A new value takes over, and what was in hand is done again from the rows. Nothing is lost, and it does not count as a crash.
actor-retire = Put away
actor-retire-words = The actor ends once nothing of this person is in hand. Their next update makes a new one from the rows.
node-this = This process
node-gone = gone
node-draining = draining
node-serving = serving
node-polls = polls Telegram
node-silent = It has not said anything yet.
node-lanes = { $count } of { $all } lanes
node-load = { $running } running, { $waiting } waiting
node-facts = As it is now
node-singletons = Its actors
node-id = Name
node-address = Address
node-joined = Joined
node-seen = Last seen
node-reported = Last report
node-users = People's actors
node-updates = Updates worked off
node-sent = Messages sent
node-busy = People being served
node-waiting = Waiting in memory
node-crashes = Crashes of people's actors
node-drain = Drain
node-drain-words = It gives its people to the other processes, finishes what it has in hand and takes nothing new in; /health/ready says so. With one process alone, updates wait at Telegram until you take it back.
node-undrain = Take back
node-undrain-words = It takes people and updates in again.
aside-tab = Quarantine
aside-title = Quarantine
aside-kinds = Kinds
aside-words = What failed again and again is set aside here, so that nothing else waits behind it. Secrets are masked.
aside-updates = Updates
aside-parcels = Messages
aside-storage = Storage jobs
aside-none = Nothing is set aside.
aside-more = More
aside-update = Update { $id }
aside-parcel = Message { $id }
aside-picture = Picture { $id }
aside-tries =
    { $count ->
        [one] { $count } try
       *[other] { $count } tries
    }
aside-error = It failed with:
aside-what = What it is
aside-decide = Replay or give up
aside-replay = Replay
aside-discard = Give up
aside-update-words = Replayed, it is worked off as if it had just come in. Given up, it counts as done and the person has to press again.
aside-parcel-words = Replayed, it is sent again. Given up, it counts as not delivered.
aside-storage-words = Replayed, the picture is copied or deleted again. Given up, it stays as it is.
aside-gone = It is not set aside any more: somebody was quicker, or the bot took it up again.
done-restarted = The actor was restarted.
done-retired = The actor was put away.
done-not-there = There was no such actor to put away.
done-drains = The process drains: it takes nothing new in.
done-takes-in = The process takes in again.
done-told = The process was told, and has not answered yet. Reload this page in a few seconds.
done-replayed = It is being worked off again.
done-discarded = It was given up.
## Ledger

nav-ledger = Ledger
ledger-books = The books
ledger-unchecked = The books were not checked yet. That happens once an hour by itself.
ledger-right = The books are right
ledger-breaches =
    { $count ->
        [one] { $count } breach
       *[other] { $count } breaches
    }
ledger-checked = Checked:
ledger-check = Check now
ledger-busy = Somebody else is checking the books right now. Look again in a minute.
ledger-issued = Given by operators, less what was taken back
ledger-promo = Given as a welcome
ledger-revenue = Paid for pictures, less what was given back
ledger-refunded = Given back
ledger-circulating = With people
ledger-held = Of that on hold
ledger-entries = Entries
ledger-accounts = Accounts
ledger-csv = Download as CSV
ledger-sum = What these entries add up to
ledger-cut = Only the newest 10,000 are added up. Choose a shorter time to see the rest.
ledger-empty = There are no such entries.
ledger-any = Any
ledger-kind = Kind
ledger-person = Person
ledger-actor = Booked by
ledger-from = From day (UTC)
ledger-until = To day (UTC)
ledger-at = When (UTC)
ledger-amount = Credits
ledger-generation = Generation
ledger-no-kind = There is no such kind of entry.
ledger-no-person = A person is found by their number in Telegram.
ledger-no-actor = A name has at most 64 characters.
ledger-no-day = Write a day as 2026-11-27.
ledger-back = To the entries
ledger-no-accounts = Nobody has an account yet.
ledger-name = Name
ledger-available = Available
ledger-on-hold = On hold
ledger-given = Given
ledger-spent = Spent
entry-welcome = Welcome
entry-grant = Grant
entry-withdrawal = Taken back
entry-hold = Hold
entry-capture = Capture
entry-release = Release
entry-refund = Refund
second = Waits for a second operator
second-rule = More than { $credits } credits at once are booked only when a second operator approves.
second-words = Whoever proposed it cannot approve it. What nobody has decided on within a day is over.
second-until = over at
second-approve = Approve and book
second-refuse = Refuse
second-withdraw = Withdraw
second-gone = It does not wait any more: somebody decided on it, or its day is over. Nothing was booked now.
second-own = You proposed it yourself: another operator has to approve it.
done-proposed = It is kept, and waits for a second operator on the ledger’s page. Nothing is booked yet.
done-approved = Approved and booked. The person is told in the chat.
done-refused = Refused. Nothing was booked.
done-books = The books were checked.

## Storage

nav-storage = Storage
yes = yes
no = no
storage-waiting = What waits for storage
storage-backfills = To be brought in
storage-deletions = To be deleted
storage-aside = Set aside after failures
storage-oldest = The oldest is from
storage-list-fallback = Not brought in yet
storage-list-lost = Lost
storage-list-trashed = Still to be deleted
storage-buckets = Buckets
storage-uncounted = Nothing was counted yet. That happens every ten minutes by itself.
storage-counted = Counted:
storage-bucket = Bucket
storage-state = State
storage-pictures = Pictures
storage-size = Size
storage-all = Together
storage-back = To storage
storage-none = There are none.
storage-picture = Picture
storage-model = Model
storage-made = Made (UTC)
storage-ends = Provider keeps it until (UTC)
storage-no-promise = no promise
storage-ended = over
storage-attempts = Failed attempts
storage-telegram = Telegram has it
picture-pending = under way
picture-stored = stored
picture-fallback = not brought in yet
picture-lost = lost
picture-trashed = to be deleted
picture-purged = deleted
upkeep = Work on storage
upkeep-never = Nothing was done yet.
upkeep-show = Show what came of it
upkeep-running = under way
upkeep-stopping = stopping
upkeep-finished = finished
upkeep-failed = failed
upkeep-stopped = stopped
upkeep-lost = lost: its process ended
upkeep-check = Compare objects with rows
upkeep-check-words = Reads every row and lists every object. Changes nothing.
upkeep-move = Compare, and move to the right bucket
upkeep-move-words = The same; pictures that lie in another bucket than their model’s are moved.
upkeep-backfill = Bring in what waits
upkeep-backfill-words = Fetches every picture that waits for storage now, also those that were set aside.
upkeep-stop = Stop the work
upkeep-stop-words = What is done is done; it can be begun again at any time.
upkeep-busy = Something is under way already. Wait for its end, or stop it.
upkeep-idle = Nothing is under way.
upkeep-found-check = What the last comparison found
upkeep-found-backfill = What was brought in last
upkeep-rows = Pictures that are stored, as the rows say
upkeep-objects = Objects
upkeep-missing = Rows without an object
upkeep-strays = Objects without a row
upkeep-stray-bytes = Size of the objects without a row
upkeep-misplaced = In the wrong bucket
upkeep-moved = Moved to the right one
upkeep-stored = Brought in
upkeep-waiting = Still waiting
upkeep-first = The first of what is wrong
upkeep-what = What
upkeep-subject = Object or picture
upkeep-note = Note
upkeep-is-missing = no object
upkeep-is-stray = no row
upkeep-is-misplaced = wrong bucket
upkeep-is-waiting = waits
upkeep-runs = The latest work
upkeep-began = Begun (UTC)
upkeep-kind = Work
upkeep-by = By
upkeep-end = How it ended
upkeep-done = Done
done-begun = It has begun.
done-stopping = It stops within seconds.

## Catalogue

nav-catalogue = Catalogue
catalogue-model = Model
catalogue-now = Now
catalogue-prices = Credits per picture
catalogue-file = In the file
catalogue-word = Said over the file
catalogue-active = for sale
catalogue-degraded = for sale, with a warning
catalogue-retired = not for sale
catalogue-on = On sale
catalogue-off = Off sale
catalogue-gone = the provider answered that the model is gone
catalogue-bot = the bot itself
catalogue-reload = Read the file again
catalogue-reload-words = Only the models are taken over, on this node. Other nodes read their own file on SIGHUP, other keys need a restart. A file that is wrong is refused, and the old one stays.
catalogue-broken = It was not read again, and the old models stay.
catalogue-history = What was said of models
catalogue-at = When (UTC)
catalogue-author = Who
catalogue-lifted = Until
catalogue-back = To the catalogue
catalogue-unlisted = The file does not have this model any more.
catalogue-id = Id
catalogue-endpoint = Endpoint
catalogue-ratios = Ratios
catalogue-counts = Pictures at once
catalogue-bucket = Bucket
catalogue-deadline = Deadline in seconds
catalogue-successor = Successor
catalogue-take = Take off sale
catalogue-take-words = People are offered the successor. What is under way is finished; pictures stay.
catalogue-put = Put on sale
catalogue-put-words = Whatever the file says, until you take it back. If the provider answers “gone” again, the bot takes it off sale again.
catalogue-lift = Let the file decide
catalogue-lift-words = Takes back what was said here; the file’s own word counts again.
catalogue-stands = This stands over the file:
catalogue-silent = Nothing stands over the file.
probe = Ask the provider
probe-words = Asks FAL, under the model’s address, about a request that never was: free, nothing is made. It shows that FAL answers and takes the key. FAL has no free call that proves that the model still makes pictures; when an order is answered with “gone”, the bot takes the model off sale by itself.
probe-answers = FAL answers at the model’s address and takes the key.
probe-refused = FAL does not take the key: check FAL_KEY.
probe-money = The account at FAL is empty or locked: top it up.
probe-trouble = FAL could not be asked:
done-sale = Done. It counts on all nodes within seconds.
done-reloaded = The file was read; its models are for sale.
## Maintenance

nav-maintenance = Maintenance
maintenance-banner = Maintenance: no new generations are taken.
maintenance-see = See why
maintenance-on = Maintenance is on
maintenance-off = The bot takes orders
maintenance-words = During maintenance people are told politely, each in their own language, that nothing new is started. What runs is finished and delivered, and galleries stay open. All nodes hear of it within a few seconds.
maintenance-last = Last changed:
maintenance-change = Change
maintenance-begin = Begin maintenance
maintenance-end = End maintenance
done-maintenance-on = Maintenance has begun.
done-maintenance-off = Maintenance is over.

## Broadcasts

nav-broadcasts = Broadcasts
broadcast-none = Nothing was broadcast yet.
broadcast-new = Write a broadcast
broadcast-title = Broadcast { $number }
broadcast-text = Text
broadcast-segment = To whom
broadcast-state = State
broadcast-state-draft = Draft
broadcast-state-running = Running
broadcast-state-paused = Paused
broadcast-state-done = Done
broadcast-state-cancelled = Cancelled
broadcast-by = By
broadcast-en = In English
broadcast-ru = In Russian
broadcast-rules = Plain text in both languages, up to 3500 characters each. Links work by themselves. Everybody gets it in the language that they chose.
broadcast-draft = Save and look at it
broadcast-reach =
    { $count ->
        [one] It reaches { $count } person at this moment.
       *[other] It reaches { $count } people at this moment.
    } Whoever blocked the bot, or is blocked, is left out.
broadcast-sent = Sent
broadcast-blocked = Not delivered (the bot was blocked)
broadcast-failed = Failed (set aside)
broadcast-given-up = Given up by the cancel
broadcast-waiting = In the outbox
broadcast-started = Started
broadcast-finished = Finished
broadcast-start = Start sending
broadcast-pause = Pause
broadcast-resume = Go on
broadcast-cancel = Cancel
broadcast-moved = Its state has changed meanwhile. Here is how it is now.
segment-everyone = Everyone
segment-language = Telegram speaks { $code }
segment-active = Active within { $days } days
segment-idle = Not active for { $days } days
done-broadcast-draft = The draft was saved. Nothing is sent yet.
done-broadcast-started = Sending has begun.
done-broadcast-paused = Paused. What is in the outbox already is sent.
done-broadcast-resumed = It goes on.
done-broadcast-cancelled = Cancelled.

## Log

nav-log = Log
log-words = The last { $count } lines of this process, without secrets. The whole log is in its file.
log-level = Level
log-any = Any
level-error = Error
level-warn = Warning
level-info = Info
level-debug = Debug
level-trace = Trace
log-user = Person (id)
log-generation = Generation (id)
log-text = Text
log-hold = Hold
log-follow = Follow
log-nothing = No line is like that.
log-at = When (UTC)
log-what = What
log-where = Where
doctor = Doctor
doctor-words = Looks at everything the bot depends on, as `aisha doctor` does, and leaves no trace. It may take some seconds.
doctor-look = Have a look
doctor-busy = The doctor is looking already. Please try again in a moment.
doctor-well = Nothing is broken.
doctor-trouble =
    { $count ->
        [one] { $count } thing is in trouble.
       *[other] { $count } things are in trouble.
    }
doctor-verdict = Verdict
doctor-what = What
doctor-found = Found
verdict-ok = OK
verdict-note = Note
verdict-trouble = Trouble
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
person-active = served
person-standing = Where they stand
person-language = Language
person-telegrams = as Telegram says: { $code }
person-time-zone = Time zone
person-screen = Screen
person-way-back = Way back
person-filters = Gallery shows
person-no-filters = all pictures
person-favourites = favourites
person-favourite = Favourites
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
person-delete = Delete this person
person-delete-words = Open generations are cancelled, the pictures are deleted, and with them everything that names the person. Their entries stay in the ledger under a random number. This cannot be taken back.
person-delete-copies = FAL's copies of what they asked for are deleted too.
person-delete-copies-stay = FAL's copies of what they asked for stay at FAL: to have them deleted too, set FAL_ADMIN_KEY and restart the bot before.
person-delete-confirm = Type the Telegram id once more
person-delete-rules = The id is not that of this person. Groups cannot be deleted.
person-deleted = deleted
person-is-going = This person is being deleted.
person-going = Being deleted
person-going-words = It goes on by itself and lasts over restarts. When nothing is left to wait for, the person is gone; while Redis is away, it waits for that. Asked for again, deletions of pictures that failed are tried again.
person-going-since = Asked for
person-going-updates = Updates to work off
person-going-generations = Generations under way
person-going-parcels = Messages owed
person-going-pictures = Pictures to delete
person-going-requests = Requests with copies at FAL
person-going-copies-stay = stay there: FAL_ADMIN_KEY is not set
person-going-refused = FAL does not take FAL_ADMIN_KEY, and the deletion waits until it does. Set a key with the scope ADMIN and restart the bot. Restarted without any, the bot leaves FAL's copies where they are and goes on.
person-going-away = FAL cannot be reached or cannot delete its copies now. The bot asks again by itself.
person-going-aside = Pictures whose deletion failed three times:
done-delete = The deletion goes on. This page says what it waits for; when it is over, the person is not found any more.
