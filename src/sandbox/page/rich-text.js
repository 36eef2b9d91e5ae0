// Telegram text: a string and entities with UTF-16 offsets, which are JavaScript's own string offsets.
import { element, icon } from "./dom.js";

/**
 * Builds the nodes of a text. Entities nest; what overlaps without nesting is cut to its parent.
 * `on.command(text)` is called for a pressed /command, `on.copy(text)` for pressed code.
 */
export function richText(text, entities, on, words) {
  const sorted = (entities ?? [])
    .filter((e) => Number.isInteger(e.offset) && e.length > 0 && e.offset < text.length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(text, 0, text.length, sorted, { on, words });
}

function build(text, start, end, entities, context) {
  const nodes = [];
  let at = start;
  for (let i = 0; i < entities.length; ) {
    const entity = entities[i];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    const inner = [];
    let next = i + 1;
    while (next < entities.length && entities[next].offset < to) inner.push(entities[next++]);
    i = next;
    if (to <= from) continue;
    if (from > at) nodes.push(document.createTextNode(text.slice(at, from)));
    const children = build(text, from, to, inner, context);
    nodes.push(wrap(entity, text.slice(from, to), children, context));
    at = to;
    // A line break next to a block would show as an empty line.
    if (isBlock(entity) && text[at] === "\n" && at < end) at += 1;
  }
  if (at < end) nodes.push(document.createTextNode(text.slice(at, end)));
  return nodes;
}

function isBlock({ type }) {
  return type === "pre" || type === "blockquote" || type === "expandable_blockquote";
}

function wrap(entity, raw, children, context) {
  switch (entity.type) {
    case "bold":
      return element("strong", {}, children);
    case "italic":
      return element("em", {}, children);
    case "underline":
      return element("u", {}, children);
    case "strikethrough":
      return element("s", {}, children);
    case "code":
      return copyable(raw, children, context);
    case "pre":
      return codeBlock(entity.language, raw, children, context);
    case "spoiler":
      return spoiler(children, context.words);
    case "blockquote":
      return element("blockquote", {}, children);
    case "expandable_blockquote":
      return expandable(children);
    case "url":
      return link(/^[a-z][a-z0-9+.-]*:/i.test(raw) ? raw : `https://${raw}`, children);
    case "text_link":
      return link(entity.url, children);
    case "email":
      return link(`mailto:${raw}`, children);
    case "bot_command":
      return element(
        "button",
        { type: "button", className: "inline-command", onclick: () => context.on.command(raw) },
        children,
      );
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
    case "phone_number":
      return element("span", { className: "tag" }, children);
    default:
      return element("span", {}, children);
  }
}

/** A link that opens elsewhere; addresses other than web and mail stay plain text. */
export function link(address, children, props = {}) {
  const safe = safeAddress(address);
  if (!safe) return element("span", { className: "tag", title: String(address) }, children);
  return element("a", { href: safe, target: "_blank", rel: "noopener noreferrer nofollow", ...props }, children);
}

/** The address if a visitor may be sent there, else null. */
export function safeAddress(address) {
  try {
    const url = new URL(String(address));
    return ["http:", "https:", "mailto:", "tg:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function copyable(raw, children, { on, words }) {
  const code = element("code", { title: words.copyCode, tabIndex: 0 }, children);
  code.setAttribute("role", "button");
  code.onclick = () => on.copy(raw);
  code.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      on.copy(raw);
    }
  };
  return code;
}

function codeBlock(language, raw, children, { on, words }) {
  const copy = element(
    "button",
    { type: "button", className: "copy", title: words.copyCode, aria: { label: words.copyCode }, onclick: () => on.copy(raw) },
    icon("copy"),
  );
  const head = element("div", { className: "code-head" }, element("span", {}, language ?? ""), copy);
  return element("div", { className: "code-block" }, head, element("pre", {}, element("code", {}, children)));
}

/** Covered text, uncovered by a press; a screen reader meets a button, not the text. */
export function spoiler(children, words) {
  const inner = element("span", { className: "spoiler-text", aria: { hidden: "true" } }, children);
  const node = element("span", { className: "spoiler", tabIndex: 0, aria: { label: words.spoiler } }, inner);
  node.setAttribute("role", "button");
  const show = (event) => {
    event.preventDefault();
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
    inner.removeAttribute("aria-hidden");
    node.onclick = null;
    node.onkeydown = null;
  };
  node.onclick = show;
  node.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") show(event);
  };
  return node;
}

function expandable(children) {
  const quote = element("blockquote", { className: "expandable", tabIndex: 0 }, children);
  quote.setAttribute("role", "button");
  quote.setAttribute("aria-expanded", "false");
  // Only what does not fit fades out; the observer lives as long as the quote.
  new ResizeObserver(() => quote.classList.toggle("cut", quote.scrollHeight > quote.clientHeight + 1)).observe(quote);
  const flip = () => {
    const open = quote.classList.toggle("open");
    quote.setAttribute("aria-expanded", String(open));
  };
  quote.onclick = flip;
  quote.onkeydown = (event) => {
    if (event.key === "Enter") flip();
  };
  return quote;
}
