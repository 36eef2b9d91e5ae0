// The conversation as a scrolled list: keeps what has not changed, and keeps the reader's place.
import { isFromBot, row, setBusy } from "./bubble.js";
import { element } from "./dom.js";
import { dayName } from "./words.js";

/** Messages of one sender within this many seconds stand close together. */
const TOGETHER_S = 300;
/** Closer to the end than this, in pixels, the reader follows the conversation. */
const AT_END = 60;

export class Timeline {
  /**
   * `scroller` scrolls `list`; `onScroll(atEnd)` tells where the reader is. `view` is what `row` of
   * bubble.js needs.
   */
  constructor(scroller, list, view, onScroll) {
    this.scroller = scroller;
    this.list = list;
    this.view = view;
    this.shown = new Map(); // key → { node, block }
    this.followed = true;
    scroller.addEventListener("scroll", () => {
      this.followed = this.distance() < AT_END;
      onScroll(this.followed);
    }, { passive: true });
    // A taller composer or a phone's keyboard must not hide the newest message.
    const observer = new ResizeObserver(() => this.followed && this.toEnd());
    observer.observe(scroller);
    observer.observe(list);
  }

  distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  toEnd(smooth = false) {
    this.followed = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  /** Empties the list, for another conversation. */
  clear() {
    this.shown.clear();
    this.list.replaceChildren();
    this.followed = true;
  }

  /**
   * Shows `messages` (oldest first). An unchanged message (the same object) keeps its element; a changed one
   * is replaced in place.
   */
  show(messages) {
    const anchor = this.followed ? null : this.anchor();
    const fresh = this.shown.size === 0;
    const next = new Map();
    let before = null; // the message above
    let previous = null; // the element above
    const place = (key, node) => {
      const wanted = previous ? previous.nextSibling : this.list.firstChild;
      if (wanted !== node) this.list.insertBefore(node, wanted);
      previous = node;
      return key;
    };
    for (const block of blocks(messages)) {
      const [first] = block;
      const newDay = !before || dayOf(before) !== dayOf(first);
      if (newDay) {
        const key = `day of ${first.message_id}`;
        const entry = this.shown.get(key) ?? { node: daySeparator(first, this.view.language), block: [] };
        next.set(place(key, entry.node), entry);
      }
      const key = `message ${first.message_id}`;
      const entry = this.refresh(key, block, fresh);
      const joined = !newDay && isFromBot(before) === isFromBot(first) && first.date - before.date < TOGETHER_S;
      entry.node.classList.toggle("joined", joined);
      next.set(place(key, entry.node), entry);
      before = block.at(-1);
    }
    for (const [key, entry] of this.shown) if (next.get(key)?.node !== entry.node) entry.node.remove();
    this.shown = next;
    if (anchor) this.restore(anchor);
    else this.toEnd();
  }

  /** The element of a block: the one there is, or a new one that takes its place, pictures and focus. */
  refresh(key, block, fresh) {
    const old = this.shown.get(key);
    if (old && old.block.length === block.length && old.block.every((message, i) => message === block[i])) return old;
    const focused = old?.node.contains(document.activeElement) ? document.activeElement : null;
    const node = row(block, this.view, old?.node);
    if (old) old.node.replaceWith(node);
    else if (!fresh) node.classList.add("arriving");
    if (focused) refocus(node, focused);
    return { node, block };
  }

  /** The first message in sight and where it stands. */
  anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const [key, { node }] of this.shown) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { key, offset: box.top - top };
    }
    return null;
  }

  restore({ key, offset }) {
    const node = this.shown.get(key)?.node;
    if (!node) return;
    const now = node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += now - offset;
  }

  /** Scrolls to a message and lights it up; nothing when it is gone. */
  jump(messageId) {
    const node = this.find(messageId);
    if (!node) return;
    this.followed = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("lit");
    requestAnimationFrame(() => node.classList.add("lit"));
  }

  find(messageId) {
    return this.list.querySelector(`[data-message-id="${Number(messageId)}"]`);
  }

  /** Shows or hides the spinner on the buttons of a message that carry `data`. */
  setBusy(messageId, data, busy) {
    const node = this.find(messageId)?.closest(".row");
    for (const button of node?.querySelectorAll("[data-callback]") ?? []) {
      if (button.dataset.callback === data) setBusy(button, busy);
    }
  }
}

/** Neighbours of one album belong together; every other message stands alone. */
function blocks(messages) {
  const result = [];
  for (const message of messages) {
    const last = result.at(-1)?.[0];
    const group = message.media_group_id;
    if (group && last?.media_group_id === group && isFromBot(last) === isFromBot(message)) result.at(-1).push(message);
    else result.push([message]);
  }
  return result;
}

function dayOf(message) {
  return new Date(message.date * 1000).toDateString();
}

function daySeparator(message, language) {
  return element("div", { className: "day" }, element("span", {}, dayName(message.date, language)));
}

/** Focus goes to the button that says the same, else to the one in the same place. */
function refocus(node, focused) {
  const buttons = [...node.querySelectorAll("[data-testid=button]")];
  const same = buttons.find((button) => button.dataset.callback && button.dataset.callback === focused.dataset.callback);
  (same ?? buttons[0])?.focus({ preventScroll: true });
}
