"""The dashboard's JSON API: what it says of a real generation, and that Schemathesis, which makes its
calls from the description, finds no answer that falls over or is not as described.

The whole program runs as the sandbox; AISHA_BINARY is the program. The operator comes in by the link that it prints."""

import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

PATIENCE = 60
SCHEMATHESIS = pathlib.Path(sys.executable).parent / "schemathesis"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
PROMPT = "a lighthouse that the API tells of"


class Program:
    """`aisha serve` in an empty folder, with an operator who is signed in."""

    def __init__(self, folder):
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "DATA_DIR": f"{folder}/data", "HTTP_BIND": "127.0.0.1:0"}
        self.process = subprocess.Popen(
            [os.environ["AISHA_BINARY"], "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        timer = threading.Timer(PATIENCE, self.process.kill)
        timer.start()
        link = next((line.strip() for line in self.process.stdout if "/admin/link?token=" in line), None)
        timer.cancel()
        if link is None:
            raise AssertionError("the program printed no link")
        # Whatever else it prints is read, so that it does not wait.
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()
        found = urllib.parse.urlsplit(link)
        self.host, self.url = found.netloc, f"http://{found.netloc}"
        token = urllib.parse.parse_qs(found.query)["token"][0]
        form = urllib.parse.urlencode({"token": token})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        status, headers, _ = self.ask("POST", "/admin/link", form, headers)
        assert status == 303, f"the link answered {status}"
        self.cookie = re.match(r"[^;]+", headers["Set-Cookie"])[0]

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        said = answer.status, answer.headers, answer.read()
        connection.close()
        return said

    def get(self, path):
        status, headers, body = self.ask("GET", f"/admin/api/{path}", headers={"Cookie": self.cookie})
        assert status == 200, f"{path} answered {status}: {body[:300]!r}"
        assert headers["X-Request-Id"], "an answer without a request id"
        return json.loads(body)

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def paint(visitor, from_bot):
    """Somebody orders a picture and sees it."""

    def button(code):
        def fits(message):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            return next((b["callback_data"] for row in rows for b in row if re.match(rf"1~?{code}(\.|$)", b.get("callback_data", ""))), None)

        return fits

    visitor.say("/start")
    visitor.message("the menu", lambda message: from_bot(message) and button("im")(message))
    visitor.say(f"/imagine {PROMPT}")
    quote = visitor.message("the quote", lambda message: from_bot(message) and button("go")(message))
    visitor.press(quote, button("go")(quote))
    visitor.message("the picture", lambda message: from_bot(message) and button("ag")(message))


def schemathesis(program):
    """Ends with 0 only when every check held for every call that it thought of."""
    command = [
        str(SCHEMATHESIS), "run", f"{program.url}/admin/api/openapi.json",
        "--header", f"Cookie: {program.cookie}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-examples", "40", "--generation-database", "none", "--no-color", "--request-timeout", "20",
        "--output-sanitize", "true", "--suppress-health-check", "all",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    print(done.stdout[-6000:], done.stderr[-2000:], file=sys.stderr)
    assert done.returncode == 0, f"schemathesis ended with {done.returncode}: {done.stdout[-600:]}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        program = Program(folder)
        os.environ["SANDBOX_URL"] = program.url
        from sandbox import Tally, Visitor, from_bot

        tally = Tally("the dashboard's API")
        visitor = Visitor("Ann")

        def told():
            paint(visitor, from_bot)
            found = program.get("generations?user=" + str(visitor.id))["generations"]
            assert [row["prompt"] for row in found] == [PROMPT], found
            timeline = program.get("generations/" + found[0]["id"])
            happened = [event["what"] for event in timeline["events"]]
            assert happened[0] == "created" and "captured" in happened and timeline["pictures"][0]["bytes"] > 0, happened
            person = program.get("people?search=" + str(visitor.id))["people"][0]
            assert person["id"] == visitor.id and person["first_name"] == "Ann", person
            account = program.get("people/" + str(visitor.id))
            assert account["available"] == person["available"] == account["credited"] - account["debited"] - account["held"]
            kinds = {entry["kind"] for entry in program.get("entries?user=" + str(visitor.id))["entries"]}
            assert {"welcome", "hold", "capture"} <= kinds, kinds
            assert len(program.get("actors")["nodes"][0]["singletons"]) == 4

        def goes_on():
            first = program.get("entries?limit=1")
            second = program.get("entries?limit=1&after=" + first["next"])
            assert first["entries"][0]["seq"] > second["entries"][0]["seq"]

        def strangers():
            for path in ("openapi.json", "overview", "people", "nothing"):
                status, _, body = program.ask("GET", f"/admin/api/{path}")
                assert status == 401 and json.loads(body)["error"], f"{path} answered {status}"

        try:
            tally.check("tells of a person, a generation and its money", told)
            tally.check("goes on where the last answer ended", goes_on)
            tally.check("strangers are refused", strangers)
            tally.check("Schemathesis finds no fault", lambda: schemathesis(program))
        finally:
            program.stop()
    sys.exit(tally.close())


if __name__ == "__main__":
    main()
