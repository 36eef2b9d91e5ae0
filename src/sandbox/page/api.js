// The sandbox's chat API: calls and the live stream. See DESIGN 7 for the contract.

const base = (chat) => `/sandbox/chats/${chat}`;

/** Waits between attempts to reconnect, in milliseconds; the last one repeats. */
const WAITS = [300, 700, 1500, 3000, 5000];

/** What the sandbox refused, in its own words, or `offline` when it did not answer. */
export class ApiError extends Error {
  constructor(message, offline = false) {
    super(message);
    this.offline = offline;
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("", true);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(body.error ?? body.description ?? `HTTP ${response.status}`);
  return body;
}

function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** The whole state of a chat; one that was never used is empty. */
export const getState = (chat) => call(`${base(chat)}/messages`);

/** The visitor says something; answers the stored message. `visitor` is `{id, name, language}`. */
export function say(visitor, text, replyTo) {
  return post(`${base(visitor.id)}/messages`, {
    text,
    first_name: visitor.name,
    language_code: visitor.language,
    reply_to_message_id: replyTo,
  });
}

/** The visitor sends a file, as a photo or as a document; answers the stored message. */
export function sendFile(visitor, { file, asPhoto, caption }, replyTo) {
  const form = new FormData();
  form.append("first_name", visitor.name);
  form.append("language_code", visitor.language);
  if (caption) form.append("text", caption);
  if (replyTo) form.append("reply_to_message_id", replyTo);
  form.append(asPhoto ? "photo" : "document", file, file.name || "file");
  return call(`${base(visitor.id)}/messages`, { method: "POST", body: form });
}

/** The visitor presses a button; answers `{callback_id}` at once, the bot's answer comes by the stream. */
export const press = (chat, messageId, data) => post(`${base(chat)}/press`, { message_id: messageId, data });

/** The visitor blocks or unblocks the bot. */
export const block = (chat, blocked) => post(`${base(chat)}/block`, { blocked });

/** Where the bytes of a file are. */
export const fileUrl = (chat, fileId) => `${base(chat)}/files/${encodeURIComponent(fileId)}`;

const EVENTS = ["state", "message", "edited", "deleted", "callback", "action", "commands", "blocked"];

/**
 * Follows a chat until `close()`. `onEvent(name, data)` gets what happens, first a `state` on each connection;
 * `onConnection(up)` says when the stream comes and goes. It reconnects by itself, also where EventSource
 * gives up (an answer other than 200).
 */
export class Stream {
  constructor(chat, onEvent, onConnection) {
    Object.assign(this, { chat, onEvent, onConnection, attempt: 0, timer: null });
    this.soon = () => this.source.readyState === EventSource.OPEN || document.hidden || this.connect();
    window.addEventListener("online", this.soon);
    document.addEventListener("visibilitychange", this.soon);
    this.connect();
  }

  connect() {
    this.drop();
    const source = new EventSource(`${base(this.chat)}/events`);
    this.source = source;
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        if (name === "state") {
          this.attempt = 0;
          this.onConnection(true);
        }
        this.onEvent(name, JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      source.close();
      this.onConnection(false);
      const wait = WAITS[Math.min(this.attempt++, WAITS.length - 1)];
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.connect(), wait);
    };
  }

  drop() {
    clearTimeout(this.timer);
    this.source?.close();
  }

  close() {
    this.drop();
    window.removeEventListener("online", this.soon);
    document.removeEventListener("visibilitychange", this.soon);
  }
}
