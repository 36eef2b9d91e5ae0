// The list of visitors, and the dialogs that add and change one.
import { element, iconButton } from "./dom.js";
import { openDialog } from "./overlay.js";
import { freeName, freshId, validId } from "./visitors.js";
import { clock, languages } from "./words.js";

/** A calm colour of one's own for each visitor, by id. */
export function hue(id) {
  return Math.round((id * 137.508) % 360);
}

/** A round picture with the first letter of a name. */
export function face(visitor) {
  const node = element("span", { className: "face", aria: { hidden: "true" } }, [...visitor.name][0]?.toUpperCase() ?? "?");
  node.style.setProperty("--hue", hue(visitor.id));
  return node;
}

/**
 * One entry of the list. `glance` is `{text, date, unread}` of that visitor's chat, if known; `on.open` and
 * `on.edit` take the visitor.
 */
export function visitorItem(visitor, isCurrent, glance, words, on) {
  const unread = glance?.unread ?? 0;
  const entry = element(
    "button",
    {
      type: "button",
      className: "person",
      data: { testid: "visitor", chat: visitor.id },
      aria: { current: isCurrent ? "true" : null },
      onclick: () => on.open(visitor),
    },
    face(visitor),
    element("span", { className: "person-name" }, visitor.name),
    element("span", { className: "person-time" }, glance?.date ? clock(glance.date, visitor.language) : ""),
    element(
      "span",
      { className: "person-line" },
      element("span", { className: "tongue" }, visitor.language),
      element("span", { className: "person-text" }, glance?.text || String(visitor.id)),
    ),
    unread > 0 && element("span", { className: "unread", data: { testid: "unread" }, aria: { label: words.unread(unread) } }, unread > 99 ? "99+" : unread),
  );
  const edit = iconButton("edit", `${words.editVisitor}: ${visitor.name}`, { onclick: () => on.edit(visitor), data: { testid: "edit-visitor" } });
  return element("li", {}, entry, edit);
}

function field(label, input, note) {
  return element("label", { className: "field" }, element("span", {}, label), input, note && element("small", {}, note));
}

function languageChoice(chosen, words) {
  const select = element(
    "select",
    { name: "language", data: { testid: "visitor-language" }, aria: { label: words.language } },
    Object.entries(languages).map(([code, name]) => element("option", { value: code }, name)),
  );
  select.value = chosen;
  return select;
}

/** Asks for a new person; `done(id, {name, language})` follows when it is given. */
export function addDialog(visitors, language, words, done) {
  let suggestion = freeName(visitors.list, language);
  const name = element("input", { value: suggestion, maxLength: 64, required: true, data: { testid: "visitor-name" } });
  const id = element("input", { value: freshId(), inputMode: "numeric", pattern: "[1-9][0-9]{0,14}", required: true, data: { testid: "visitor-id" } });
  const tongue = languageChoice(language, words);
  tongue.onchange = () => {
    if (name.value !== suggestion) return;
    suggestion = freeName(visitors.list, tongue.value);
    name.value = suggestion;
  };
  const dialog = form(words.addVisitor, words.add, words, [
    field(words.name, name),
    field(words.language, tongue),
    field(words.id, id, words.idNote),
  ], () => validId(id.value) && done(Number(id.value), { name: name.value.trim() || suggestion, language: tongue.value }));
  dialog.querySelector("form").dataset.testid = "visitor-form";
  name.select();
}

/** Shows a person; `on.change({name, language})`, `on.forget()` and `on.block(blocked)` follow. */
export function editDialog(visitor, blocked, words, on) {
  const name = element("input", { value: visitor.name, maxLength: 64, required: true, data: { testid: "visitor-name" } });
  const tongue = languageChoice(visitor.language, words);
  const id = element("input", { value: visitor.id, readOnly: true });
  const act = (label, className, testid, onclick) =>
    element("button", { type: "button", className, data: { testid }, onclick: () => { dialog.close(); onclick(); } }, label);
  const more = element(
    "div",
    { className: "more" },
    blocked !== null && act(blocked ? words.unblock : words.block, blocked ? "quiet" : "quiet danger", "block", () => on.block(!blocked)),
    act(words.forget, "quiet danger", "forget", on.forget),
    element("small", {}, words.forgetNote),
  );
  const dialog = form(words.editVisitor, words.save, words, [field(words.name, name), field(words.language, tongue), field(words.id, id), more], () =>
    on.change({ name: name.value.trim() || visitor.name, language: tongue.value }),
  );
}

function form(title, accept, words, fields, done) {
  const node = element(
    "form",
    { method: "dialog" },
    element("h2", {}, title),
    fields,
    element(
      "div",
      { className: "box-actions" },
      element("button", { type: "button", className: "quiet", onclick: () => dialog.close() }, words.cancel),
      element("button", { type: "submit", className: "primary", data: { testid: "visitor-save" } }, accept),
    ),
  );
  node.onsubmit = () => done();
  const dialog = openDialog("box", title, node);
  return dialog;
}
