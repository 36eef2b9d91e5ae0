"""Drives one small bot as its visitor, and judges it by the chat.

    drive.py aiogram|ptb|grammy polling|webhook

The bot gets BOT_FOLDER (with first.png and second.png) and BOT_SECRET (for its webhook) in its
environment, tells `{"ready": true, "webhook": URL or ""}` on stdout when updates may come, and does this:

    /start      greets with the name in bold, five buttons; sets two commands
    count:N     answers "Counted N+1", edits the text and the button
    alert       answers with an alert
    leave       answers, deletes the message
    photo       answers, uploads first.png with a button
    swap        answers, replaces the picture by an upload of second.png, downloads it again and compares
    album       answers, sends two uploads as an album, then the same two by file_id in reverse order
    a photo     downloads it; replies its SHA-256, uploads it back as a document, sends it by its address
    /say X      says X
    /refusals   sends a message with `refuse` (makes seven calls, says as JSON how each ended) and `flood`
                (sends a chat action, says as JSON how it ended)
    blocked     tries to write, and tells `{"blocked": [..]}` on stdout
"""

import hashlib
import json
import os
import pathlib
import queue
import secrets
import subprocess
import sys
import tempfile
import threading

import sandbox
from sandbox import equal, from_bot, texts

HERE = pathlib.Path(__file__).parent
NAMES = {"aiogram": "aiogram", "ptb": "python-telegram-bot", "grammy": "grammY"}
COMMANDS = {
    "aiogram": [sys.executable, HERE / "bot_aiogram.py"],
    "ptb": [sys.executable, HERE / "bot_ptb.py"],
    "grammy": ["node", HERE / "bot_grammy.mjs"],
}
# What a framework's webhook answers to a wrong secret.
FORBIDDEN = {"aiogram": 401, "ptb": 403, "grammy": 401}
START = [
    [("Count 0", "count:0")],
    [("Alert", "alert")],
    [("Photo", "photo")],
    [("Album", "album")],
    [("Leave", "leave")],
]

REFUSED = {
    "second answer": "query is too old and response timeout expired or query ID is invalid",
    "edit that changes nothing": "message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message",
    "65 bytes of data": "BUTTON_DATA_INVALID",
    "broken markup": "can't parse entities: Can't find end of the entity starting at byte offset 0",
    "unknown message": "message to edit not found",
    "unreachable photo": "failed to get HTTP URL content",
}
# The calls that the sandbox refuses on the way, in the bot's order.
REFUSED_CALLS = [
    ("answerCallbackQuery", 400),
    ("editMessageText", 400),
    ("sendMessage", 400),
    ("sendMessage", 400),
    ("editMessageText", 400),
    ("sendPhoto", 400),
    ("sendChatAction", 429),
    ("sendMessage", 403),
]


def as_reported(framework, status, words):
    """How a framework names a refusal and its words."""
    prefix = {400: "Bad Request: ", 403: "Forbidden: "}[status]
    if framework == "aiogram":
        return [{400: "TelegramBadRequest", 403: "TelegramForbiddenError"}[status], prefix + words]
    if framework == "grammy":
        return [f"GrammyError {status}", prefix + words]
    if status == 403:
        return ["Forbidden", prefix + words]
    return ["BadRequest", words.capitalize()]


class Bot:
    """The bot as a process whose lines are read as they come."""

    def __init__(self, framework, mode, folder):
        self.secret = secrets.token_hex(16)
        environment = {**os.environ, "BOT_FOLDER": folder, "BOT_SECRET": self.secret}
        # Nothing of the environment may lead these clients away from this machine.
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            environment.pop(name, None)
        command = [str(part) for part in COMMANDS[framework]] + [mode]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def told(self, name):
        """The next line of the bot, which has to have this key."""
        try:
            line = self.lines.get(timeout=sandbox.PATIENCE)
        except queue.Empty:
            raise AssertionError(f"the bot did not tell {name!r}") from None
        assert line is not None, f"the bot ended with {self.process.wait()} before it told {name!r}"
        assert name in line, f"the bot told {line!r}, not {name!r}"
        return line

    def stop(self):
        self.process.terminate()
        equal(self.process.wait(timeout=sandbox.PATIENCE), 0, "exit code")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Drive:
    def __init__(self, framework, mode, bot, folder):
        self.framework, self.mode, self.bot = framework, mode, bot
        self.first = (folder / "first.png").read_bytes()
        self.second = (folder / "second.png").read_bytes()
        self.since = sandbox.journal_end()
        self.visitor = sandbox.Visitor("Ann")

    def newest(self, what, fits):
        return self.visitor.message(what, lambda message: from_bot(message) and fits(message))

    def text(self, text):
        return self.newest(f"the message {text!r}", lambda message: message.get("text") == text)

    def connects(self):
        self.hook = self.bot.told("ready")["webhook"]
        equal(bool(self.hook), self.mode == "webhook", "whether a webhook is set")
        token = sandbox.info()["telegram_token"]
        told = sandbox.call("GET", f"/bot{token}/getWebhookInfo")["result"]
        equal(told["url"], self.hook, "webhook")

    def command(self):
        said = self.visitor.say("/start")
        self.start = self.text("Hello, Ann!")
        equal(self.start["entities"], [{"type": "bold", "offset": 7, "length": 3}], "entities")
        equal(texts(self.start), START, "keyboard")
        assert self.start["message_id"] > said["message_id"], "the answer's id is not later"
        commands = self.visitor.state()["commands"]
        equal(commands, [{"command": "start", "description": "Begin"}, {"command": "say", "description": "Say it"}], "commands")

    def button_and_edit(self):
        self.visitor.say("/start")
        start = self.newest("a second greeting", lambda m: m["message_id"] > self.start["message_id"] and texts(m) == START)
        message = start
        for n in (1, 2, 3):
            pressed = self.visitor.press(message, f"count:{n - 1}")
            equal(self.visitor.answer(pressed), {"text": f"Counted {n}"}, "answer")
            message = self.visitor.edited(start, lambda m: m["text"] == f"Pressed {n}")
            equal(texts(message), [[(f"Count {n}", f"count:{n}")]], "keyboard")
            equal(message.get("entities"), None, "entities")

    def alert_and_delete(self):
        equal(self.visitor.answer(self.visitor.press(self.start, "alert")), {"text": "Look here", "show_alert": True}, "answer")
        equal(self.visitor.answer(self.visitor.press(self.start, "leave")), {}, "answer")
        gone = self.start["message_id"]
        self.visitor.wait("the deletion", lambda state: all(m["message_id"] != gone for m in state["messages"]))

    def replaced_photo(self):
        self.visitor.say("/start")
        start = self.newest("a greeting", lambda m: texts(m) == START)
        self.visitor.press(start, "photo")
        photo = self.newest("the photo", lambda m: m.get("caption") == "first")
        equal((photo["photo"][-1]["width"], photo["photo"][-1]["height"]), (400, 300), "size")
        equal(self.visitor.file(photo["photo"][-1]["file_id"]), self.first, "picture")
        self.visitor.press(photo, "swap")
        swapped = self.visitor.edited(photo, lambda m: m.get("caption") == "second")
        equal(texts(swapped), [[("Swapped", "swapped")]], "keyboard")
        equal((swapped["photo"][-1]["width"], swapped["photo"][-1]["height"]), (300, 500), "size")
        equal(self.visitor.file(swapped["photo"][-1]["file_id"]), self.second, "picture")
        self.text("downloaded the same")

    def album(self):
        start = self.newest("a greeting", lambda m: texts(m) == START)
        self.visitor.press(start, "album")

        def albums(state):
            groups = {}
            for message in state["messages"]:
                if "media_group_id" in message:
                    groups.setdefault(message["media_group_id"], []).append(message)
            complete = [group for group in groups.values() if len(group) == 2]
            return complete if len(complete) == 2 else None

        uploaded, again = self.visitor.wait("two albums", albums)
        equal([m.get("caption") for m in uploaded], ["one", None], "captions")
        pictures = [[self.visitor.file(m["photo"][-1]["file_id"]) for m in group] for group in (uploaded, again)]
        equal(pictures, [[self.first, self.second], [self.second, self.first]], "pictures")

    def files(self):
        picture = sandbox.png(640, 480, (200, 120, 20))
        sent = self.visitor.upload("photo", "mine.png", "image/png", picture, "mine")
        reply = self.text(f"sha256 {hashlib.sha256(picture).hexdigest()}")
        equal(reply["reply_to_message"]["message_id"], sent["message_id"], "message replied to")
        document = self.newest("the document", lambda m: m.get("caption") == "back")["document"]
        equal((document["file_name"], document["mime_type"], document["file_size"]), ("back.png", "image/png", len(picture)), "document")
        equal(self.visitor.file(document["file_id"]), picture, "document's bytes")
        photo = self.newest("the photo by address", lambda m: m.get("caption") == "by address")
        equal(self.visitor.file(photo["photo"][-1]["file_id"]), picture, "photo's bytes")

    def secret_checked(self):
        """Whoever does not know the secret is not heard; whoever knows it is."""
        forged = {
            "update_id": 999_999_999,
            "message": {
                "message_id": 1,
                "date": 1_700_000_000,
                "chat": {"id": self.visitor.id, "type": "private", "first_name": "Ann"},
                "from": {"id": self.visitor.id, "is_bot": False, "first_name": "Ann"},
                "text": "/say stolen",
                "entities": [{"type": "bot_command", "offset": 0, "length": 4}],
            },
        }
        name = "X-Telegram-Bot-Api-Secret-Token"
        for headers in ({}, {name: "wrong"}, {name: self.bot.secret[:-1]}):
            equal(sandbox.send("POST", self.hook, forged, headers)[0], FORBIDDEN[self.framework], "answer to a forger")
        forged["message"]["text"] = "/say trusted"
        equal(sandbox.send("POST", self.hook, forged, {name: self.bot.secret})[0], 200, "answer to the one who knows")
        self.text("trusted")
        # The bot works in order, so what was stolen would stand there by now.
        self.visitor.say("/say the end")
        self.text("the end")
        said = [message.get("text") for message in self.visitor.state()["messages"]]
        assert "stolen" not in said, "a forged update was believed"

    def refusals(self):
        self.visitor.say("/refusals")
        self.tried = self.text("Try me")
        self.visitor.press(self.tried, "refuse")
        report = self.newest("the report", lambda m: m.get("text", "").startswith("{"))
        wanted = {name: as_reported(self.framework, 400, words) for name, words in REFUSED.items()}
        wanted["64 bytes of data"] = ["accepted", ""]
        equal(json.loads(report["text"]), wanted, "report")
        state = self.visitor.state()
        said = [message.get("text") for message in state["messages"]]
        equal([text for text in said if text in ("64", "65", "*bold", "bold")], ["64"], "what was let through")
        assert all("edit_date" not in m for m in state["messages"] if m["message_id"] == self.tried["message_id"]), "edited"

    def flood(self):
        sandbox.order_fault(peer="telegram", call="sendChatAction", status=429, retry_after=7, times=1)
        self.visitor.press(self.tried, "flood")
        report = self.newest("the report", lambda m: m.get("text", "").startswith("["))
        name = {"aiogram": "TelegramRetryAfter", "ptb": "RetryAfter", "grammy": "GrammyError 429"}[self.framework]
        equal(json.loads(report["text"]), [name, 7], "report")

    def blocked(self):
        self.visitor.block(True)
        equal(self.bot.told("blocked")["blocked"], as_reported(self.framework, 403, "bot was blocked by the user"), "report")
        self.visitor.block(False)

    def nothing_else_refused(self):
        calls = sandbox.journal(self.since, peer="telegram")
        # The last poll of the bot before this one may end with 409 only now.
        calls = [each for each in calls if each["call"] != "getUpdates"]
        refused = [(each["call"], each["status"]) for each in calls if each["status"] != 200]
        equal(refused, REFUSED_CALLS, "refused calls")

    def checks(self):
        yield "connects", self.connects
        yield "command", self.command
        yield "button and edit", self.button_and_edit
        yield "alert and deletion", self.alert_and_delete
        yield "photo replaced by an upload, downloaded again", self.replaced_photo
        yield "albums", self.album
        yield "files to and fro", self.files
        if self.mode == "webhook":
            yield "secret of the webhook", self.secret_checked
        yield "refusals", self.refusals
        yield "flood control", self.flood
        yield "blocked by the visitor", self.blocked
        yield "nothing else refused", self.nothing_else_refused
        yield "stops", self.bot.stop


def clean():
    """No bot before this one may have left a webhook or an update."""
    sandbox.clear_faults()
    token = sandbox.info()["telegram_token"]
    sandbox.call("POST", f"/bot{token}/deleteWebhook", {"drop_pending_updates": True})


def main():
    framework, mode = sys.argv[1:]
    tally = sandbox.Tally(f"{NAMES[framework]}, {mode}")
    clean()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "first.png").write_bytes(sandbox.png(400, 300, (9, 99, 200)))
        (path / "second.png").write_bytes(sandbox.png(300, 500, (99, 9, 20)))
        bot = Bot(framework, mode, folder)
        try:
            drive = Drive(framework, mode, bot, path)
            for name, test in drive.checks():
                # With a bot that does not answer, what follows would only wait in vain.
                if not tally.check(name, test) and name in ("connects", "command"):
                    break
        finally:
            bot.kill()
            clean()
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
