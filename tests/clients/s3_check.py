"""What boto3 makes of our object storage, and we of what boto3 stored, on the server that a variable names:

    s3_check.py AISHA_TEST_S3

The whole program runs on that server, as the sandbox, with buckets of this check's own. AISHA_BINARY is the
program. Links are opened without any S3 client."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.client import Config

VARIABLE = sys.argv[1]
PATIENCE = 60


def server():
    endpoint, key, secret = (os.environ.get(VARIABLE) or "||").split("|")
    if not endpoint:
        sys.exit(f"{VARIABLE} names no server: run ./scripts/test, it starts one")
    return endpoint, key, secret


ENDPOINT, KEY, SECRET = server()
TEST = uuid.uuid4().hex[:12]
BUCKETS = {name: f"{name}-{TEST}" for name in ("imagen4", "generated", "avatars", "photos")}
S3 = boto3.client(
    "s3",
    endpoint_url=ENDPOINT,
    aws_access_key_id=KEY,
    aws_secret_access_key=SECRET,
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, proxies={}),
)


class Program:
    """`aisha` in a folder of its own, with nothing but this environment."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "DATA_DIR": os.path.join(folder, "data"),
            "HTTP_BIND": "127.0.0.1:0",
            "S3_ENDPOINT": ENDPOINT,
            "S3_ACCESS_KEY": KEY,
            "S3_SECRET_KEY": SECRET,
            **{f"S3_BUCKET_{name.upper()}": bucket for name, bucket in BUCKETS.items()},
        }

    def run(self, *words):
        command = [os.environ["AISHA_BINARY"], "--json", *words]
        answer = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert SECRET not in answer.stdout + answer.stderr, f"{words} says the secret"
        assert answer.returncode == 0, f"{words} ended with {answer.returncode}: {answer.stderr}"
        return json.loads(answer.stdout)

    def serve(self):
        self.server = subprocess.Popen(
            [os.environ["AISHA_BINARY"], "serve"], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        for line in self.server.stdout:
            if found := re.search(r"Open (http://\S+)/sandbox", line):
                return found[1]
        raise AssertionError("the program did not start")

    def stop(self):
        self.server.terminate()
        said = self.server.communicate(timeout=PATIENCE)[0]
        assert SECRET not in said, "the secret was printed"


def link(bucket, key, *life):
    return PROGRAM.run("storage", "link", bucket, key, *life)["link"]


def opened(address):
    """Opens a link as any program would: (status, type, body)."""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=PATIENCE) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, None, b""


def read(key):
    return S3.get_object(Bucket=BUCKETS["imagen4"], Key=key)


def button(message, action):
    """The data of the button that does this: a version, perhaps a mark, the action."""
    for row in sandbox.texts(message):
        for _, data in row:
            if data and re.match(rf"1~?{action}(\.|$)", data):
                return data
    return None


def offering(action):
    return lambda message: sandbox.from_bot(message) and button(message, action)


def buckets_are_there():
    deadline = time.monotonic() + PATIENCE
    there = set()
    while not set(BUCKETS.values()) <= there:
        assert time.monotonic() < deadline, f"there are only {there}"
        there = {bucket["Name"] for bucket in S3.list_buckets()["Buckets"]}


def boto3_reads_ours():
    global CARD
    ANN.say("/imagine a fox in the snow")
    quote = ANN.message("the quote", offering("go"))
    ANN.press(quote, button(quote, "go"))
    CARD = ANN.message("the picture", lambda m: "photo" in m and button(m, "or"))
    listed = S3.list_objects_v2(Bucket=BUCKETS["imagen4"])["Contents"]
    sandbox.equal(len(listed), 1, "objects in the bucket")
    key = listed[0]["Key"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/[0-9a-f-]+_1\.jpg", key), key
    got = read(key)
    sandbox.equal(got["ContentType"], "image/jpeg", "type")
    body = got["Body"].read()
    assert body[:3] == b"\xff\xd8\xff" and len(body) == listed[0]["Size"], "no whole JPEG"


def our_key():
    return S3.list_objects_v2(Bucket=BUCKETS["imagen4"])["Contents"][0]["Key"]


def our_link_opens():
    key = our_key()
    status, kind, body = opened(link(BUCKETS["imagen4"], key))
    sandbox.equal((status, kind), (200, "image/jpeg"), "the link")
    assert body == read(key)["Body"].read(), "other bytes"


def a_tampered_link_does_not():
    key = our_key()
    S3.put_object(Bucket=BUCKETS["photos"], Key=key, Body=b"somebody else's")
    good = link(BUCKETS["imagen4"], key)
    for bad in [
        good.replace(BUCKETS["imagen4"], BUCKETS["photos"]),
        good.replace("X-Amz-Expires=86400", "X-Amz-Expires=86401"),
        re.sub(r"(X-Amz-Signature=)[0-9a-f]{8}", r"\g<1>00000000", good),
        good.split("?")[0],
    ]:
        assert bad != good
        sandbox.equal(opened(bad)[0], 403, bad)


def an_expired_link_does_not():
    short = link(BUCKETS["imagen4"], our_key(), "--seconds", "1")
    deadline = time.monotonic() + PATIENCE
    while (status := opened(short)[0]) == 200:
        assert time.monotonic() < deadline, "it never expires"
    sandbox.equal(status, 403, "the expired link")


def odd_keys_are_the_same_to_both():
    for key in ["sp ace/ü+&=%25.txt", "emoji-🦀", "q?x=1#y", "(paren)*'!~"]:
        S3.put_object(Bucket=BUCKETS["photos"], Key=key, Body=key.encode())
        sandbox.equal(opened(link(BUCKETS["photos"], key))[2], key.encode(), key)


def we_read_boto3s():
    """The original is what stands in the bucket, whoever put it there."""
    key = our_key()
    # Ours with a word at its end, where no decoder looks.
    other = read(key)["Body"].read() + b"put there by boto3"
    S3.put_object(Bucket=BUCKETS["imagen4"], Key=key, Body=other, ContentType="image/jpeg")
    ANN.press(CARD, button(CARD, "or"))
    document = ANN.message("the original", lambda m: "document" in m)
    sandbox.equal(ANN.file(document["document"]["file_id"]), other, "the original")


def the_deleted_is_gone():
    ANN.press(CARD, button(CARD, "da"))
    asked = ANN.message("the question", offering("dl"))
    ANN.press(asked, button(asked, "dl"))
    deadline = time.monotonic() + PATIENCE
    while S3.list_objects_v2(Bucket=BUCKETS["imagen4"]).get("Contents"):
        assert time.monotonic() < deadline, "the object stays"
        time.sleep(0.1)


def the_doctor_sees_every_bucket():
    said = PROGRAM.run("doctor")["findings"]
    verdicts = {finding["what"]: finding["verdict"] for finding in said}
    for bucket in BUCKETS.values():
        sandbox.equal(verdicts.get(f"bucket {bucket}"), "ok", f"{bucket} in {said}")
    sandbox.equal(S3.list_objects_v2(Bucket=BUCKETS["avatars"]).get("KeyCount"), 0, "what the doctor left behind")


def main():
    tally = sandbox.Tally(f"boto3, {VARIABLE}")
    for name, test in [
        ("buckets are made at the start", buckets_are_there),
        ("boto3 reads what we stored", boto3_reads_ours),
        ("our link opens with urllib", our_link_opens),
        ("a tampered link does not", a_tampered_link_does_not),
        ("an expired link does not", an_expired_link_does_not),
        ("odd keys are the same to both", odd_keys_are_the_same_to_both),
        ("we read what boto3 stored", we_read_boto3s),
        ("the doctor sees every bucket", the_doctor_sees_every_bucket),
        ("what is deleted is gone", the_deleted_is_gone),
    ]:
        tally.check(name, test)
    return tally.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        PROGRAM = Program(place)
        try:
            os.environ["SANDBOX_URL"] = PROGRAM.serve()
            import sandbox

            ANN = sandbox.Visitor()
            CARD = None
            code = main()
        finally:
            PROGRAM.stop()
    sys.exit(code)
