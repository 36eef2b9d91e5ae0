// FAL's official JavaScript client against the sandbox's queue.
import assert from "node:assert/strict";
import { createHash, createPublicKey, randomUUID, verify } from "node:crypto";
import { createServer } from "node:http";
import * as sandbox from "./sandbox.mjs";

const { createFalClient, ApiError, ValidationError } = sandbox.load("@fal-ai/client");
const INFO = await sandbox.info();
const MODEL = "fal-ai/imagen4/preview";
const OPEN = { queue_ms: 100, run_ms: 600, concurrency: 2 };
const HOST = "https://queue.fal.run";

/** The client's address is fixed; its own hook points it elsewhere. */
function client(credentials) {
  return createFalClient({
    credentials,
    requestMiddleware: async (request) => {
      assert.ok(request.url.startsWith(`${HOST}/`), `the client goes to ${request.url}`);
      return { ...request, url: INFO.fal_queue_url + request.url.slice(HOST.length) };
    },
  });
}

const fal = client(INFO.fal_key);
const submit = async (prompt, more = {}) => (await fal.queue.submit(MODEL, { input: { prompt, ...more } })).request_id;
const status = (requestId, logs = false) => fal.queue.status(MODEL, { requestId, logs });
const result = (requestId) => fal.queue.result(MODEL, { requestId });
const finish = (requestId, more = {}) => fal.queue.subscribeToStatus(MODEL, { requestId, pollInterval: 50, ...more });

/** The error that the client throws. */
async function refusal(attempt, kind = ApiError) {
  const outcome = await attempt.then((answer) => ({ answer }), (error) => ({ error }));
  assert.ok(outcome.error, `it was accepted: ${JSON.stringify(outcome.answer)}`);
  assert.ok(outcome.error instanceof kind, `${outcome.error}`);
  return outcome.error;
}

async function submitted() {
  const answer = await fal.queue.submit(MODEL, { input: { prompt: "a quiet harbour" }, priority: "low" });
  const base = `${INFO.fal_queue_url}/fal-ai/imagen4/requests/${answer.request_id}`;
  const { status: state, response_url, status_url, cancel_url, queue_position } = answer;
  assert.deepEqual(
    { state, response_url, status_url, cancel_url, queue_position },
    { state: "IN_QUEUE", response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel`, queue_position: 0 },
  );
  await finish(answer.request_id);
}

async function polled() {
  await sandbox.setPace({ concurrency: 0 });
  const [first, second] = [await submit("a lighthouse"), await submit("two lighthouses")];
  const waiting = await status(second);
  assert.deepEqual([waiting.status, waiting.queue_position], ["IN_QUEUE", 1]);
  const seen = [];
  const done = await finish(first, {
    logs: true,
    onQueueUpdate: (update) => {
      if (seen.length === 0) sandbox.setPace(OPEN);
      seen.push(update);
    },
  });
  assert.deepEqual([...new Set(seen.map((update) => update.status))], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  assert.ok(done.logs.length >= 2, `logs are ${JSON.stringify(done.logs)}`);
  assert.deepEqual(Object.keys(done.logs[0]).sort(), ["level", "message", "source", "timestamp"]);
  assert.ok(done.metrics.inference_time >= 0.5, `metrics are ${JSON.stringify(done.metrics)}`);
  assert.equal(done.error, undefined);
  await finish(second);
}

async function streamed() {
  const requestId = await submit("a river, live");
  const stream = await fal.queue.streamStatus(MODEL, { requestId, logs: true });
  const seen = [];
  for await (const update of stream) seen.push(update.status);
  assert.equal(seen.at(-1), "COMPLETED");
  assert.ok(seen.includes("IN_PROGRESS"), `states were ${seen}`);
  const last = await stream.done();
  assert.deepEqual([last.status, last.request_id], ["COMPLETED", requestId]);
}

async function fetched() {
  const requestId = await submit("a fox in the snow", { num_images: 2, aspect_ratio: "16:9", output_format: "png" });
  await finish(requestId);
  const answer = await result(requestId);
  assert.equal(answer.requestId, requestId);
  assert.equal(answer.data.images.length, 2);
  for (const image of answer.data.images) {
    const download = await fetch(image.url);
    const picture = Buffer.from(await download.arrayBuffer());
    assert.deepEqual([download.status, download.headers.get("content-type"), picture.length], [200, "image/png", image.file_size]);
    assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [image.width, image.height]);
    assert.ok(image.width > image.height, "16:9 is wide");
  }
}

async function subscribed() {
  const states = [];
  const ids = [];
  const answer = await fal.subscribe("fal-ai/flux/dev", {
    input: { prompt: "a tram", image_size: "square" },
    pollInterval: 50,
    logs: true,
    onEnqueue: (id) => ids.push(id),
    onQueueUpdate: (update) => states.push(update.status),
  });
  assert.deepEqual(ids, [answer.requestId]);
  assert.equal(states.at(-1), "COMPLETED");
  assert.deepEqual([answer.data.prompt, answer.data.has_nsfw_concepts], ["a tram", [false]]);
}

async function cancelled() {
  await sandbox.setPace({ concurrency: 0 });
  const requestId = await submit("never to be drawn");
  assert.equal((await status(requestId)).status, "IN_QUEUE");
  assert.equal(await fal.queue.cancel(MODEL, { requestId }), undefined);
  const done = await status(requestId);
  assert.deepEqual([done.status, done.error_type], ["COMPLETED", "client_cancelled"]);
  const error = await refusal(result(requestId));
  assert.deepEqual([error.status, error.body.error_type, error.requestId], [499, "client_cancelled", requestId]);
  const again = await refusal(fal.queue.cancel(MODEL, { requestId }));
  assert.deepEqual([again.status, again.body], [400, { status: "ALREADY_COMPLETED" }]);
}

async function unsafe() {
  const requestId = await submit("#unsafe picture");
  await finish(requestId);
  const error = await refusal(result(requestId), ValidationError);
  assert.equal(error.status, 422);
  assert.deepEqual(error.getFieldErrors("prompt").map(({ type }) => type), ["content_policy_violation"]);
}

async function failed() {
  const requestId = await submit("#fail now");
  const done = await finish(requestId);
  assert.deepEqual([done.error, done.error_type], ["Invalid status code: 500", "internal_server_error"]);
  const error = await refusal(result(requestId));
  assert.deepEqual([error.status, error.body.detail[0].type, error.requestId], [500, "internal_server_error", requestId]);
}

/** Orders 429 for the call; the client has to come through by itself. */
async function retried(name, attempt) {
  const since = await sandbox.journalEnd();
  await sandbox.orderFault({ peer: "fal", call: name, status: 429, retry_after: 1, times: 1 });
  const answer = await attempt();
  const calls = await sandbox.journal(since, { peer: "fal", call: name });
  assert.deepEqual(calls.map((each) => each.status >= 400), [true, false], JSON.stringify(calls));
  assert.equal(calls[0].status, 429);
  return { answer, calls };
}

async function tooMany() {
  const { answer: requestId, calls } = await retried("submit", () => submit("a slow river"));
  assert.equal(calls[1].request_id, requestId);
  await retried("status", () => status(requestId));
  await finish(requestId);
  const { answer } = await retried("result", () => result(requestId));
  assert.equal(answer.data.images.length, 1);
}

/** The webhook that the client asks for comes, signed as FAL's documentation says. */
async function hooked() {
  const server = createServer();
  const delivery = new Promise((resolve) => {
    server.on("request", async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      response.end("ok");
      resolve({ headers: request.headers, body: Buffer.concat(parts) });
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const webhookUrl = `http://127.0.0.1:${server.address().port}/hook?generation=7`;
    const { request_id: requestId } = await fal.queue.submit(MODEL, { input: { prompt: "a bell" }, webhookUrl });
    const { headers, body } = await delivery;
    const { keys } = await sandbox.call("GET", "/sandbox/fal/.well-known/jwks.json");
    const signed = ["request-id", "user-id", "timestamp"].map((name) => headers[`x-fal-webhook-${name}`]);
    const message = [...signed, createHash("sha256").update(body).digest("hex")].join("\n");
    const signature = Buffer.from(headers["x-fal-webhook-signature"], "hex");
    const fits = (key) => verify(null, Buffer.from(message), createPublicKey({ key, format: "jwk" }), signature);
    assert.ok(keys.some(fits), "no published key has signed it");
    const told = JSON.parse(body);
    assert.deepEqual([told.request_id, told.status, told.error], [requestId, "OK", null]);
    assert.deepEqual(told.payload, (await result(requestId)).data);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function refused() {
  const error = await refusal(client("not:thekey").queue.submit(MODEL, { input: { prompt: "x" } }));
  assert.equal(error.status, 401);
  assert.equal((await refusal(fal.queue.submit("fal-ai/no-such-model", { input: { prompt: "x" } }))).status, 404);
  assert.equal((await refusal(result(randomUUID()))).status, 404);
}

const tally = new sandbox.Tally("@fal-ai/client (npm)");
for (const [name, test] of [
  ["submit", submitted],
  ["poll with logs", polled],
  ["stream of the status", streamed],
  ["result and pictures", fetched],
  ["subscribe", subscribed],
  ["cancel in the queue", cancelled],
  ["blocked by the safety filter", unsafe],
  ["failed job", failed],
  ["429 on submit, status and result", tooMany],
  ["signed webhook", hooked],
  ["wrong key, unknown model and request", refused],
]) {
  await sandbox.clearFaults();
  await sandbox.setPace(OPEN);
  await tally.check(name, test);
}
await sandbox.clearFaults();
tally.close();
