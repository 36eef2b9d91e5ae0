"""Runs the client programs one after the other (there is one bot, one queue) and adds up their checks.

A program that ends badly without having named a failed check, or takes longer than its limit, is a failure
of its own. See run.sh for how to start it."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
LIMIT = 60
# For programs that take their time.
LIMITS = {"the dashboard's API": 360}
PROGRAMS = [
    ("fal-client for Python", [sys.executable, "fal_client_check.py"]),
    ("fal-client for JavaScript", ["node", "fal_client_check.mjs"]),
    *(
        (f"{framework}, {mode}", [sys.executable, "drive.py", framework, mode])
        for framework in ("aiogram", "ptb", "grammy")
        for mode in ("polling", "webhook")
    ),
    ("the dashboard's API", [sys.executable, "admin_api.py"]),
    ("boto3 on s3s", [sys.executable, "s3_check.py", "AISHA_TEST_S3"]),
    ("boto3 on radosgw", [sys.executable, "s3_check.py", "AISHA_TEST_RADOSGW"]),
]


def run(name, command):
    """Runs one program; how many checks passed and failed."""
    passed = failed = 0
    limit = LIMITS.get(name, LIMIT)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile(mode="w+") as trouble:
        # A session of its own, so that its bot ends with it.
        program = subprocess.Popen(
            command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=trouble, text=True, start_new_session=True
        )
        timer = threading.Timer(limit, os.killpg, (program.pid, 9))
        timer.start()
        begun = time.monotonic()
        try:
            for line in program.stdout:
                print(line, end="", flush=True)
                passed += line.startswith("ok ")
                failed += line.startswith("FAILED ")
            code = program.wait()
        finally:
            timer.cancel()
            if program.poll() is None:
                os.killpg(program.pid, 9)
        took = time.monotonic() - begun
        if (code != 0 and failed == 0) or (code == 0 and passed == 0):
            failed += 1
            why = f"did not end within {limit} s" if took >= limit else f"ended with {code} after {passed} checks"
            print(f"FAILED {name}: the program {why}", flush=True)
        if failed:
            trouble.seek(0)
            print(trouble.read()[-8000:], file=sys.stderr, flush=True)
    return passed, failed


def main():
    # Whoever ends this ends the program that runs, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = [(name, command) for name, command in PROGRAMS if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
    if not chosen:
        sys.exit(f"no program is named {' or '.join(sys.argv[1:])}; there are: {'; '.join(name for name, _ in PROGRAMS)}")
    results = [run(name, command) for name, command in chosen]
    passed, failed = (sum(counts) for counts in zip(*results))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
