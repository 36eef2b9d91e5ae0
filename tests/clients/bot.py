"""What the two bots in Python share: where to connect, and how they talk to drive.py."""

import hashlib
import json
import os
import pathlib
import sys

import sandbox

INFO = sandbox.info()
TOKEN, API = INFO["telegram_token"], INFO["telegram_api_url"]
MODE = sys.argv[1]
SECRET = os.environ["BOT_SECRET"]
_folder = pathlib.Path(os.environ["BOT_FOLDER"])
FIRST, SECOND = (_folder / "first.png").read_bytes(), (_folder / "second.png").read_bytes()

UNREACHABLE = "http://127.0.0.1:9/nothing.png"
UNKNOWN_MESSAGE = 2_000_000_000


def tell(**line):
    """One line of JSON to the driver."""
    print(json.dumps(line), flush=True)


def sha256(data):
    return hashlib.sha256(bytes(data)).hexdigest()
