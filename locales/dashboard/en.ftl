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
broadcast-failed = Not delivered (the bot was blocked)
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
