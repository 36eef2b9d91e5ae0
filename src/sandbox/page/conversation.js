// What is known of one visitor's chat, kept up by events. No element in here.
import { isFromBot } from "./bubble.js";

/** A press that stays unanswered so long is given up. */
const GIVE_UP_MS = 15_000;

export class Conversation {
  /** `changed(what, detail)` is called after each change; see `apply` for what there is. */
  constructor(changed) {
    this.changed = changed;
    this.messages = new Map();
    this.bot = null;
    this.commands = [];
    this.blocked = false;
    this.loaded = false;
    this.action = null; // the present chat action, e.g. "typing"
    this.actionTimer = null;
    this.presses = new Map(); // callback id → { messageId, data, timer }
    this.inFlight = 0; // presses whose response has not come
    this.early = new Map(); // answers that came before the press's own response
    this.busy = new Map(); // "message id, data" → how many presses wait
  }

  /** All messages, oldest first. */
  sorted() {
    return [...this.messages.values()].sort((a, b) => a.message_id - b.message_id);
  }

  /**
   * Takes an event in. Tells `state`, `messages` (with the new message, or the edited one), `commands`,
   * `blocked`, `action`.
   */
  apply(name, data) {
    switch (name) {
      case "state":
        return this.replace(data);
      case "message":
        return this.add(data);
      case "edited":
        this.messages.set(data.message_id, data);
        return this.changed("messages", { edited: data });
      case "deleted":
        for (const id of data.message_ids) this.messages.delete(id);
        return this.changed("messages", {});
      case "callback":
        if (data.answer) this.answered(data.id, data.answer);
        return undefined;
      case "action":
        return this.act(data.action, data.seconds);
      case "commands":
        this.commands = data;
        return this.changed("commands");
      case "blocked":
        this.blocked = data.blocked;
        return this.changed("blocked");
      default:
        return undefined; // An event of a newer sandbox.
    }
  }

  replace(state) {
    const before = this.messages;
    this.messages = new Map();
    for (const message of state.messages ?? []) {
      // The same object stands for the same looks, so a reconnection redraws nothing.
      const old = before.get(message.message_id);
      const same = old && JSON.stringify(old) === JSON.stringify(message);
      this.messages.set(message.message_id, same ? old : message);
    }
    this.bot = state.bot ?? this.bot;
    this.commands = state.commands ?? [];
    this.blocked = Boolean(state.blocked);
    this.loaded = true;
    this.changed("state");
    for (const { id, answer } of state.callbacks ?? []) if (answer && this.presses.has(id)) this.answered(id, answer);
  }

  add(message) {
    const old = this.messages.get(message.message_id);
    // The visitor's own message comes twice: as the answer of its call and as an event.
    if (old && (old.edit_date ?? 0) >= (message.edit_date ?? 0)) return;
    this.messages.set(message.message_id, message);
    if (isFromBot(message)) this.act(null);
    this.changed("messages", { added: message });
  }

  act(action, seconds = 5) {
    clearTimeout(this.actionTimer);
    if (action) this.actionTimer = setTimeout(() => this.act(null), seconds * 1000);
    if (this.action === action) return;
    this.action = action;
    this.changed("action");
  }

  // --- presses ----------------------------------------------------------------------------------

  isBusy(messageId, data) {
    return (this.busy.get(`${messageId} ${data}`) ?? 0) > 0;
  }

  count(messageId, data, step) {
    const key = `${messageId} ${data}`;
    this.busy.set(key, Math.max(0, (this.busy.get(key) ?? 0) + step));
    this.changed("press", { messageId, data });
  }

  /**
   * Presses a button through `call`, which answers `{callback_id}`. The bot's answer is told as `answer`, its
   * absence as `unanswered`; a refusal by the sandbox is thrown.
   */
  async press(messageId, data, call) {
    this.count(messageId, data, 1);
    this.inFlight += 1;
    try {
      const { callback_id: id } = await call();
      const timer = setTimeout(() => this.giveUp(id), GIVE_UP_MS);
      this.presses.set(id, { messageId, data, timer });
      if (this.early.has(id)) this.answered(id, this.early.get(id));
    } catch (error) {
      this.count(messageId, data, -1);
      throw error;
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.early.clear();
    }
  }

  answered(id, answer) {
    const waiting = this.settle(id);
    if (waiting) this.changed("answer", answer);
    else if (this.inFlight > 0) this.early.set(id, answer);
  }

  giveUp(id) {
    if (this.settle(id)) this.changed("unanswered");
  }

  settle(id) {
    const waiting = this.presses.get(id);
    this.presses.delete(id);
    this.early.delete(id);
    if (!waiting) return false;
    clearTimeout(waiting.timer);
    this.count(waiting.messageId, waiting.data, -1);
    return true;
  }
}
