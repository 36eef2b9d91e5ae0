"""FAL's official Python client against the sandbox's queue."""

import os
import struct
import sys
import uuid

import sandbox
from sandbox import equal

INFO = sandbox.info()
os.environ["FAL_KEY"] = INFO["fal_key"]
# The client speaks https only; its two bases are module globals.
import fal_client
import fal_client.client

BASE = INFO["fal_queue_url"]
fal_client.client.QUEUE_URL_FORMAT = fal_client.client.RUN_URL_FORMAT = BASE + "/"

MODEL = "fal-ai/imagen4/preview"
OPEN = {"queue_ms": 100, "run_ms": 600, "concurrency": 2}


def submit(prompt, **arguments):
    return fal_client.submit(MODEL, arguments={"prompt": prompt, **arguments})


def refusal(attempt):
    """The error that the client raises."""
    try:
        answer = attempt()
    except fal_client.client.FalClientHTTPError as error:
        return error
    raise AssertionError(f"it was accepted: {answer!r}")


def size_of(picture):
    """Width and height from the head of a PNG."""
    equal(picture[:8], b"\x89PNG\r\n\x1a\n", "signature")
    return struct.unpack(">II", picture[16:24])


def submitted():
    handle = submit("a quiet harbour")
    equal(str(uuid.UUID(handle.request_id)), handle.request_id, "request id")
    base = f"{BASE}/fal-ai/imagen4/requests/{handle.request_id}"
    equal(handle.response_url, base, "response URL")
    equal(handle.status_url, f"{base}/status", "status URL")
    equal(handle.cancel_url, f"{base}/cancel", "cancel URL")
    handle.get()


def polled():
    sandbox.set_pace(concurrency=0)
    first, second = submit("a lighthouse"), submit("two lighthouses")
    equal(first.status(), fal_client.Queued(position=0), "status of the first")
    equal(second.status(), fal_client.Queued(position=1), "status of the second")
    seen = []
    for event in first.iter_events(with_logs=True, interval=0.05):
        if not seen:
            sandbox.set_pace(**OPEN)
        seen.append(event)
    order = [type(event) for event in seen]
    equal(list(dict.fromkeys(order)), [fal_client.Queued, fal_client.InProgress, fal_client.Completed], "states")
    equal(order, sorted(order, key=[fal_client.Queued, fal_client.InProgress, fal_client.Completed].index), "order")
    running = [event.logs for event in seen if isinstance(event, fal_client.InProgress)]
    assert all(len(a) <= len(b) for a, b in zip(running, running[1:])), "logs shrink"
    done = seen[-1]
    equal(set(done.logs[0]), {"message", "level", "source", "timestamp"}, "fields of a log line")
    equal(done.logs[: len(running[-1])], running[-1], "logs at the end")
    assert len(done.logs) >= 2, f"logs are {done.logs!r}"
    assert done.metrics["inference_time"] >= 0.5, f"metrics are {done.metrics!r}"
    equal((done.error, done.error_type), (None, None), "error")
    equal(second.get()["images"][0]["content_type"], "image/png", "type of the second's picture")


def fetched():
    handle = submit("a fox in the snow", num_images=2, aspect_ratio="16:9", seed=7, output_format="png")
    result = handle.get()
    equal(len(result["images"]), 2, "number of pictures")
    equal(fal_client.result(MODEL, handle.request_id), result, "result by id")
    pictures = []
    for image in result["images"]:
        assert image["url"].startswith(f"{BASE}/files/"), image["url"]
        status, picture = sandbox.send("GET", image["url"])
        equal((status, len(picture)), (200, image["file_size"]), "download")
        equal(size_of(picture), (image["width"], image["height"]), "size")
        assert image["width"] > image["height"], "16:9 is wide"
        pictures.append(picture)
    assert pictures[0] != pictures[1], "both pictures are the same"


def subscribed():
    ids, states = [], []
    result = fal_client.subscribe(
        "fal-ai/flux/dev",
        arguments={"prompt": "a tram", "image_size": "square"},
        with_logs=True,
        on_enqueue=ids.append,
        on_queue_update=lambda status: states.append(type(status)),
    )
    equal(len(ids), 1, "number of requests")
    equal(states[-1], fal_client.Completed, "last state")
    equal((result["prompt"], result["has_nsfw_concepts"]), ("a tram", [False]), "result")


def cancelled_in_queue():
    sandbox.set_pace(concurrency=0)
    handle = submit("never to be drawn")
    equal(handle.status(), fal_client.Queued(position=0), "status")
    equal(handle.cancel(), None, "answer to cancel")
    sandbox.set_pace(**OPEN)
    done = handle.status(with_logs=True)
    equal((type(done), done.error_type), (fal_client.Completed, "client_cancelled"), "status")
    error = refusal(handle.get)
    equal((error.status_code, error.error_type), (499, "client_cancelled"), "result")
    again = refusal(handle.cancel)
    equal((again.status_code, again.response.json()), (400, {"status": "ALREADY_COMPLETED"}), "second cancel")


def cancelled_while_running():
    handle = submit("#stuck for ever")
    for event in handle.iter_events(interval=0.05):
        if isinstance(event, fal_client.InProgress):
            break
    handle.cancel()
    error = refusal(handle.get)
    equal((error.status_code, error.error_type), (499, "client_cancelled"), "result")


def unsafe():
    handle = submit("#unsafe picture")
    error = refusal(handle.get)
    equal(error.status_code, 422, "status")
    detail = error.message[0]
    equal((detail["type"], detail["loc"]), ("content_policy_violation", ["body", "prompt"]), "detail")
    done = handle.status()
    equal((done.error, done.error_type), ("Invalid status code: 422", "content_policy_violation"), "status")


def failed():
    handle = submit("#fail now")
    error = refusal(handle.get)
    equal((error.status_code, error.message[0]["type"]), (500, "internal_server_error"), "result")
    equal(error.response_headers["x-fal-request-id"], handle.request_id, "request id in the header")


def invalid():
    error = refusal(submit("a kite", num_images=9).get)
    equal((error.status_code, error.message[0]["loc"]), (422, ["body", "num_images"]), "refusal")


def retried(name, attempt, times):
    """Orders 429 for the call; the client has to come through by itself."""
    since = sandbox.journal_end()
    sandbox.order_fault(peer="fal", call=name, status=429, retry_after=1, times=times)
    answer = attempt()
    codes = [call["status"] for call in sandbox.journal(since, peer="fal", call=name)]
    equal(codes[: times + 1], [429] * times + [codes[times]], "answers")
    assert codes[times] < 300, f"answers were {codes}"
    return answer


def too_many_submits():
    since = sandbox.journal_end()
    handle = retried("submit", lambda: submit("a slow river"), 1)
    made = [call["request_id"] for call in sandbox.journal(since, call="submit") if call["status"] == 200]
    equal(made, [handle.request_id], "requests made")
    handle.get()


def too_many_polls():
    handle = submit("a windmill")
    status = retried("status", handle.status, 2)
    assert isinstance(status, (fal_client.Queued, fal_client.InProgress, fal_client.Completed)), status
    result = retried("result", handle.get, 2)
    equal(len(result["images"]), 1, "number of pictures")


def too_many_cancels():
    sandbox.set_pace(concurrency=0)
    handle = submit("not this one")
    retried("cancel", handle.cancel, 1)
    sandbox.set_pace(**OPEN)
    equal(handle.status().error_type, "client_cancelled", "status")


def cut_off():
    """The connection breaks after the work was done; the client asks again."""
    handle = submit("a bridge")
    handle.get()
    since = sandbox.journal_end()
    sandbox.order_fault(peer="fal", call="result", reset=True, times=1)
    equal(len(handle.get()["images"]), 1, "number of pictures")
    equal([call["status"] for call in sandbox.journal(since, call="result")], [0, 200], "answers")


def wrong_key():
    client = fal_client.SyncClient(key="not:thekey")
    error = refusal(lambda: client.submit(MODEL, arguments={"prompt": "x"}))
    equal(error.status_code, 401, "status")


def unknown():
    error = refusal(lambda: fal_client.submit("fal-ai/no-such-model", arguments={"prompt": "x"}))
    equal(error.status_code, 404, "unknown model")
    error = refusal(lambda: fal_client.result(MODEL, str(uuid.uuid4())))
    equal(error.status_code, 404, "unknown request")


def main():
    tally = sandbox.Tally("fal-client (PyPI)")
    for name, test in [
        ("submit", submitted),
        ("poll with logs", polled),
        ("result and pictures", fetched),
        ("subscribe", subscribed),
        ("cancel in the queue", cancelled_in_queue),
        ("cancel while it runs", cancelled_while_running),
        ("blocked by the safety filter", unsafe),
        ("failed job", failed),
        ("invalid input", invalid),
        ("429 on submit", too_many_submits),
        ("429 on status and result", too_many_polls),
        ("429 on cancel", too_many_cancels),
        ("connection cut off", cut_off),
        ("wrong key", wrong_key),
        ("unknown model and request", unknown),
    ]:
        sandbox.clear_faults()
        sandbox.set_pace(**OPEN)
        tally.check(name, test)
    sandbox.clear_faults()
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
