// The sandbox's chat page: a visitor plays the Telegram user. This file wires the parts together:
// visitors.js (who), conversation.js (what is known), api.js (the sandbox), timeline.js and bubble.js
// (how it looks), composer.js (what is said), overlay.js (viewer, alerts, toasts).
import * as api from "./api.js";
import { isFromBot, largest, summary } from "./bubble.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { element, icon } from "./dom.js";
import { alertBox, toast, viewer } from "./overlay.js";
import { addDialog, editDialog, face, visitorItem } from "./sidebar.js";
import { Timeline } from "./timeline.js";
import { freshId, validId, Visitors } from "./visitors.js";
import { words as wordsOf } from "./words.js";

/** How often the chats that are not open are looked at. */
const GLANCE_MS = 4000;
/** An edit so soon after a press is its answer, and is read aloud. */
const ANSWER_MS = 5000;

const byId = (id) => document.getElementById(id);
const narrow = window.matchMedia("(max-width: 760px)");
const visitors = new Visitors();
const glances = new Map(); // visitor id → { text, date, unread }
let visitor; // the one who is played now
let conversation;
let stream;
let connected = false;
let wasConnected = false;
let shownVisitors = ""; // what the list of visitors shows, to tell a change
let unseen = 0; // new messages below the reader
let lastPress = { messageId: null, at: 0 };
let outbox = Promise.resolve(); // what is sent keeps its order

const words = () => wordsOf(visitor.language);

// --- the view that bubbles are built with -------------------------------------------------------

const view = {
  get words() {
    return words();
  },
  get language() {
    return visitor.language;
  },
  fileUrl: (fileId) => api.fileUrl(visitor.id, fileId),
  isBusy: (messageId, data) => conversation.isBusy(messageId, data),
  nameOf: (message) => (isFromBot(message) ? botName() : visitor.name),
  on: {
    press,
    copy,
    command: (text) => say(text),
    openPhoto,
    reply: (message) => composer.setReply(message),
    jump: (messageId) => timeline.jump(messageId),
  },
};

const timeline = new Timeline(byId("scroller"), byId("list"), view, (atEnd) => {
  if (atEnd) unseen = 0;
  showPill();
});

const composer = new Composer({ text: say, file: sendFile }, () => ({
  words: words(),
  language: visitor.language,
  commands: conversation?.commands ?? [],
  nameOf: view.nameOf,
  summary,
}));

function botName() {
  return conversation.bot?.first_name ?? "AISHA";
}

// --- opening a visitor --------------------------------------------------------------------------

function open(next) {
  stream?.close();
  visitor = next;
  visitors.current = next;
  visitors.save();
  // The address stays good for a reload or a bookmark of this very visitor.
  history.replaceState(null, "", `?chat=${next.id}`);
  const mine = new Conversation((what, detail) => mine === conversation && changed(what, detail));
  conversation = mine;
  connected = wasConnected = false;
  unseen = 0;
  timeline.clear();
  composer.switchTo(next.id);
  label();
  byId("typing").hidden = true;
  stream = new api.Stream(
    next.id,
    (name, data) => mine === conversation && mine.apply(name, data),
    (up) => mine === conversation && connection(up),
  );
  showAll();
  closeDrawer();
}

function connection(up) {
  connected = up;
  wasConnected ||= up;
  showStatus();
}

function changed(what, detail) {
  switch (what) {
    case "messages":
      return messagesChanged(detail);
    case "press":
      return timeline.setBusy(detail.messageId, detail.data, conversation.isBusy(detail.messageId, detail.data));
    case "answer":
      return showAnswer(detail);
    case "unanswered":
      return toast(words().noAnswer);
    case "action":
      return showStatus();
    case "commands":
      return composer.changed();
    default:
      return showAll();
  }
}

function messagesChanged({ added, edited }) {
  if (added && !isFromBot(added)) timeline.followed = true; // one's own words are always shown
  if (added && isFromBot(added) && !timeline.followed) unseen += 1;
  const answer = edited && edited.message_id === lastPress.messageId && Date.now() - lastPress.at < ANSWER_MS;
  const spoken = added && isFromBot(added) ? added : answer ? edited : null;
  if (spoken) byId("live").textContent = `${words().botSays}: ${summary(spoken, words())}`;
  showMessages();
}

// --- showing ------------------------------------------------------------------------------------

function showAll() {
  byId("bot-name").textContent = botName().replace(/\s*\(sandbox\)$/i, "");
  byId("bot-face").textContent = [...botName()][0];
  showMessages();
  showStatus();
}

function showMessages() {
  const messages = conversation.sorted();
  timeline.show(messages);
  const empty = messages.length === 0;
  const { blocked, loaded } = conversation;
  byId("empty").hidden = !empty;
  byId("empty").replaceChildren(...(loaded ? [element("h3", {}, words().emptyTitle), element("p", {}, words().emptyText)] : [element("p", {}, words().loading)]));
  byId("start").hidden = !loaded || !empty || blocked;
  byId("unblock").hidden = !blocked;
  byId("composer-form").hidden = blocked;
  showPill();
  noteRead(messages);
  showVisitors();
}

function showStatus() {
  const { action } = conversation;
  const status = byId("status");
  const acting = action && (words().action[action] ?? words().action.typing);
  const away = wasConnected ? words().reconnecting : words().connecting;
  status.textContent = connected ? (acting ?? words().bot) : away;
  status.className = connected ? (acting ? "acting" : "") : "away";
  status.dataset.state = connected ? "live" : wasConnected ? "reconnecting" : "connecting";
  byId("typing").hidden = !(connected && acting);
  byId("typing-text").textContent = acting ?? "";
  if (timeline.followed) timeline.toEnd();
}

function showPill() {
  const pill = byId("pill");
  pill.hidden = timeline.followed;
  const text = unseen > 0 ? words().newMessages(unseen) : words().scrollDown;
  pill.setAttribute("aria-label", text);
  pill.replaceChildren(icon("down"), ...(unseen > 0 ? [element("span", {}, text)] : []));
}

function showAnswer({ text, show_alert: isAlert, url }) {
  if (text && isAlert) alertBox(text, words());
  else if (text || url) toast(text || url);
}

/** Writes the page's own words in the visitor's language. */
function label() {
  const w = words();
  document.documentElement.lang = visitor.language;
  byId("drawer-title").textContent = w.visitors;
  byId("drawer").setAttribute("aria-label", w.visitors);
  byId("sandbox-note").textContent = w.allSandbox;
  byId("add-visitor").replaceChildren(icon("plus"), w.addVisitor);
  byId("start").textContent = w.start;
  byId("unblock").textContent = w.unblock;
  for (const [id, name, text] of [["drawer-open", "menu", w.menu], ["drawer-close", "close", w.close]]) {
    byId(id).replaceChildren(icon(name));
    byId(id).setAttribute("aria-label", text);
  }
  const about = element("button", { type: "button", className: "about", title: w.editVisitor, aria: { label: `${w.editVisitor}: ${visitor.name}` }, data: { testid: "about" } }, face(visitor));
  about.onclick = () => edit(visitor);
  byId("head-actions").replaceChildren(about);
  composer.label();
}

// --- what the visitor does ----------------------------------------------------------------------

/** Sends in order; answers whether it was sent, and says so when not. */
function deliver(send) {
  const mine = conversation;
  const sent = outbox.then(async () => {
    try {
      mine.apply("message", await send());
      return true;
    } catch (error) {
      toast(words().notSent(reason(error)));
      return false;
    }
  });
  outbox = sent;
  return sent;
}

function reason(error) {
  return error.offline ? words().offline : error.message;
}

function say(text, reply) {
  const who = visitor;
  return deliver(() => api.say(who, text, reply?.message_id));
}

function sendFile(attachment, reply) {
  const who = visitor;
  return deliver(() => api.sendFile(who, attachment, reply?.message_id));
}

async function press(message, data) {
  const messageId = message.message_id;
  if (conversation.isBusy(messageId, data)) return;
  lastPress = { messageId, at: Date.now() };
  const { id } = visitor;
  try {
    await conversation.press(messageId, data, () => api.press(id, messageId, data));
  } catch (error) {
    toast(words().notDone(reason(error)));
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(words().copied);
  } catch {
    toast(text); // No clipboard here: at least it can be read.
  }
}

async function block(blocked) {
  try {
    conversation.apply("blocked", await api.block(visitor.id, blocked));
  } catch (error) {
    toast(words().notDone(reason(error)));
  }
}

function openPhoto(messageId) {
  const photos = conversation.sorted().filter((message) => message.photo);
  const index = photos.findIndex((message) => message.message_id === messageId);
  if (index < 0) return;
  const pictures = photos.map((message) => ({
    url: view.fileUrl(largest(message.photo).file_id),
    name: `photo-${message.message_id}.jpg`,
    caption: message.caption ?? "",
  }));
  viewer(pictures, index, words());
}

// --- visitors -----------------------------------------------------------------------------------

function noteRead(messages) {
  if (!conversation.loaded) return;
  if (!document.hidden) visitors.markRead(visitor, messages.at(-1)?.message_id ?? 0);
  glances.set(visitor.id, glance(visitor, messages));
}

function glance(who, messages) {
  const last = messages.at(-1);
  const unread = messages.filter((message) => isFromBot(message) && message.message_id > who.read).length;
  return { text: last && summary(last, words()), date: last?.date, unread };
}

function showVisitors() {
  const entries = visitors.list.map(({ id, name, language }) => [id, name, language, glances.get(id)]);
  const looks = JSON.stringify([visitor.id, visitor.language, entries]);
  if (looks === shownVisitors) return; // an entry that is being pressed must not be replaced for nothing
  shownVisitors = looks;
  const focused = byId("visitors").contains(document.activeElement) ? document.activeElement.dataset : null;
  byId("visitors").replaceChildren(
    ...visitors.list.map((each) => visitorItem(each, each === visitor, glances.get(each.id), words(), { open, edit })),
  );
  if (focused?.chat) byId("visitors").querySelector(`[data-chat="${focused.chat}"]`)?.focus();
  const unread = visitors.list.reduce((sum, each) => sum + (glances.get(each.id)?.unread ?? 0), 0);
  document.title = `${unread > 0 ? `(${unread}) ` : ""}AISHA sandbox`;
  byId("drawer-open").classList.toggle("dot", unread > 0);
}

/** Looks at the chats that are not open. A stream for each would use up the browser's connections. */
async function glanceAround() {
  for (const each of visitors.list.filter((other) => other !== visitor)) {
    try {
      const { messages } = await api.getState(each.id);
      if (each !== visitor) glances.set(each.id, glance(each, messages));
    } catch {
      break; // The open chat's stream says that the sandbox is away.
    }
  }
  showVisitors();
  setTimeout(glanceAround, GLANCE_MS);
}

function add() {
  addDialog(visitors, visitor.language, words(), (id, person) => open(visitors.put(id, person)));
}

function edit(who) {
  const isOpen = who === visitor;
  editDialog(who, isOpen ? conversation.blocked : null, words(), {
    change: (person) => {
      visitors.put(who.id, person);
      if (isOpen) {
        timeline.clear(); // times, days and labels change their language
        label();
        showAll();
      } else showVisitors();
    },
    forget: () => {
      visitors.forget(who.id);
      glances.delete(who.id);
      if (isOpen) open(visitors.current ?? visitors.put(freshId(), {}));
      else showVisitors();
    },
    block,
  });
}

// --- the drawer of a narrow screen --------------------------------------------------------------

function setDrawer(isOpen) {
  document.body.classList.toggle("drawer-open", isOpen);
  byId("drawer").inert = narrow.matches && !isOpen;
}

function closeDrawer() {
  const back = byId("drawer").contains(document.activeElement) && narrow.matches;
  setDrawer(false);
  if (back) byId("drawer-open").focus();
}

function listen() {
  byId("drawer-open").onclick = () => {
    setDrawer(true);
    byId("drawer-close").focus();
  };
  byId("drawer-close").onclick = closeDrawer;
  byId("veil").onclick = closeDrawer;
  byId("add-visitor").onclick = add;
  byId("start").onclick = () => say("/start");
  byId("unblock").onclick = () => block(false);
  byId("pill").onclick = () => timeline.toEnd(!window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  narrow.onchange = () => setDrawer(false);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("drawer-open")) closeDrawer();
  });
  document.addEventListener("visibilitychange", () => document.hidden || showMessages());
}

/** `?chat=ID&lang=ru&name=…` opens that visitor; without it the last one, or a new one. */
function first() {
  const asked = new URLSearchParams(location.search);
  const id = asked.get("chat");
  if (id && validId(id)) return visitors.put(id, { name: asked.get("name"), language: asked.get("lang") });
  return visitors.current ?? visitors.put(freshId(), { language: asked.get("lang") });
}

listen();
open(first());
setDrawer(false);
glanceAround();
