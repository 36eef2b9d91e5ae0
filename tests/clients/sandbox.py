"""What every check needs of a running sandbox: its HTTP interface, a visitor who waits on events, and
a tally that prints a line per check. Standard library only."""

import json
import os
import queue
import random
import struct
import sys
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import zlib

URL = os.environ["SANDBOX_URL"].rstrip("/")
# One answer of the sandbox or of a bot on this machine takes milliseconds; this is for a busy machine.
PATIENCE = 60
# No proxy of the environment may stand between a check and this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def send(method, url, body=None, headers=None):
    """Makes a call and gives (status, body), whatever the status is."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with _opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def call(method, path, body=None, headers=None):
    """Makes a call to the sandbox that must work, and gives its JSON (None for an empty answer)."""
    status, answer = send(method, URL + path, body, headers)
    if status >= 300:
        raise AssertionError(f"{method} {path} answered {status}: {answer[:300]!r}")
    return json.loads(answer) if answer else None


def info():
    return call("GET", "/sandbox/info")


def order_fault(**fault):
    call("POST", "/sandbox/faults", fault)


def clear_faults():
    call("DELETE", "/sandbox/faults")


def set_pace(**pace):
    call("POST", "/sandbox/fal/pace", pace)


def journal_end():
    """The instant of the last call in the journal, to ask later for those after it."""
    calls = call("GET", "/sandbox/journal")
    return calls[-1]["at_us"] if calls else 0


def journal(since_us, **wanted):
    """The calls after an instant whose fields have the wanted values."""
    calls = call("GET", f"/sandbox/journal?since_us={since_us}")
    return [c for c in calls if all(c.get(name) == value for name, value in wanted.items())]


def png(width, height, colour):
    """A plain PNG."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    line = b"\0" + bytes(colour) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(line * height)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def form(fields, files):
    """A multipart body and its headers; `files` is name -> (file name, type, bytes)."""
    edge = f"edge{random.getrandbits(64):x}"
    parts = []
    for name, value in fields.items():
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (file_name, kind, data) in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: {kind}'
        parts.append(f"--{edge}\r\n{head}\r\n\r\n".encode() + data + b"\r\n")
    parts.append(f"--{edge}--\r\n".encode())
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={edge}"}


class Visitor:
    """A person in the sandbox's chat. Waits by the chat's event stream, judges by its messages."""

    def __init__(self, name="Ann", language="en"):
        self.id = random.randrange(10**8, 2**40)
        self.profile = {"first_name": name, "language_code": language}
        self.path = f"/sandbox/chats/{self.id}"
        self.events = queue.Queue()
        stream = _opener.open(f"{URL}{self.path}/events", timeout=60)
        threading.Thread(target=self._listen, args=(stream,), daemon=True).start()
        first = self.events.get(timeout=PATIENCE)
        assert first == "state", f"the stream begins with {first!r}, not with the state"

    def _listen(self, stream):
        try:
            for line in stream:
                if line.startswith(b"event: "):
                    self.events.put(line[7:].decode().strip())
        finally:
            self.events.put(None)

    def state(self):
        return call("GET", f"{self.path}/messages")

    def say(self, text):
        return call("POST", f"{self.path}/messages", {"text": text, **self.profile})

    def upload(self, part, file_name, kind, data, text=""):
        body, headers = form({"text": text, **self.profile}, {part: (file_name, kind, data)})
        return call("POST", f"{self.path}/messages", body, headers)

    def press(self, message, data):
        body = {"message_id": message["message_id"], "data": data}
        return call("POST", f"{self.path}/press", body)["callback_id"]

    def block(self, blocked):
        return call("POST", f"{self.path}/block", {"blocked": blocked})

    def file(self, file_id):
        status, data = send("GET", f"{URL}{self.path}/files/{file_id}")
        assert status == 200, f"the file answered {status}"
        return data

    def wait(self, what, find):
        """What `find(state)` gives once it is something; looks again at each event."""
        deadline = time.monotonic() + PATIENCE
        while True:
            state = self.state()
            if found := find(state):
                return found
            try:
                event = self.events.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                event = None
            if event is None:
                raise AssertionError(f"{what} did not come; the chat is {json.dumps(state)[:3000]}")

    def message(self, what, fits):
        """The newest message that fits, once there is one."""
        return self.wait(what, lambda state: next((m for m in reversed(state["messages"]) if fits(m)), None))

    def edited(self, message, fits):
        """The message in a newer version that fits."""
        same = message["message_id"]
        return self.message(f"the edit of message {same}", lambda m: m["message_id"] == same and "edit_date" in m and fits(m))

    def answer(self, callback_id):
        """How the bot answered a press, once it did."""
        return self.wait(
            f"the answer to callback {callback_id}",
            lambda state: next((c for c in state["callbacks"] if c["id"] == callback_id and "answer" in c), None),
        )["answer"]


def from_bot(message):
    return message["from"]["is_bot"]


def texts(message):
    """The button labels of a message with their data, row by row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [[(button["text"], button.get("callback_data")) for button in row] for row in rows]


def equal(got, wanted, what="value"):
    assert got == wanted, f"{what} is {got!r}, not {wanted!r}"


class Tally:
    """Runs checks one by one and prints a line for each; `close` gives the exit code."""

    def __init__(self, who):
        self.who, self.passed, self.failed = who, 0, 0

    def check(self, name, test):
        """Runs `test`; True when it passed."""
        try:
            test()
        except Exception as error:  # a check may fail in any way; the others still run
            self.failed += 1
            print(f"FAILED {self.who}: {name}: {type(error).__name__}: {error}", flush=True)
            traceback.print_exc(file=sys.stderr)
            return False
        self.passed += 1
        print(f"ok {self.who}: {name}", flush=True)
        return True

    def close(self):
        if self.passed + self.failed == 0:
            print(f"FAILED {self.who}: nothing was checked", flush=True)
            return 1
        return 1 if self.failed else 0
