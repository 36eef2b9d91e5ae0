// One message, or one album, as an element. Knows how things look, not where they come from.
import { element, icon, iconButton } from "./dom.js";
import { link, richText, safeAddress } from "./rich-text.js";
import { clock, fileSize } from "./words.js";

/** Largest box, in CSS pixels, that a picture takes in the conversation. */
const BOX = { width: 420, height: 460, least: 160 };

export const isFromBot = (message) => Boolean(message.from?.is_bot);

/** The largest of a photo's sizes. */
export const largest = (sizes) => sizes.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));

/**
 * Builds the row of a block: `[message]`, or the messages of an album in order. `old` is the row that it
 * replaces, whose loaded pictures are taken over so that nothing flickers.
 *
 * `view` gives `words`, `language`, `fileUrl(id)`, `isBusy(message, data)`, `nameOf(message)`,
 * `find(message_id)` and `on` (press, copy, command, openPhoto, reply, jump).
 */
export function row(block, view, old) {
  const [first] = block;
  const context = { ...view, images: loadedImages(old) };
  const from = isFromBot(first) ? "bot" : "visitor";
  const bubble = block.length > 1 ? albumBubble(block, context) : singleBubble(first, context);
  const stack = element("div", { className: "stack" }, bubble, keyboard(block.at(-1), context));
  const reply = iconButton("reply", view.words.reply, { className: "reply-button", onclick: () => view.on.reply(first) });
  const node = element("article", { className: `row ${from}`, aria: { label: view.nameOf(first) } }, stack, reply);
  if (isCommand(first)) node.classList.add("command");
  if (block.length === 1) mark(node, first);
  return node;
}

/** The attributes by which tests and the timeline find a message. */
function mark(node, message) {
  node.dataset.testid = "message";
  node.dataset.messageId = message.message_id;
  node.dataset.from = isFromBot(message) ? "bot" : "visitor";
}

function isCommand(message) {
  return !isFromBot(message) && /^\/[a-z0-9_]+(@\w+)?$/i.test(message.text ?? "");
}

function loadedImages(old) {
  const images = new Map();
  for (const image of old?.querySelectorAll("img[data-file]") ?? []) images.set(image.dataset.file, image);
  return images;
}

function singleBubble(message, view) {
  const parts = [quote(message, view)];
  const bubble = element("div", { className: "bubble", attributes: { dir: "auto" } });
  const media = mediaOf(message, view);
  if (media) parts.push(media.node);
  const body = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities;
  if (body) {
    const text = element("div", { className: "text" }, richText(body, entities, view.on, view.words));
    if (!media && isLargeEmoji(body)) bubble.classList.add("emoji");
    text.append(meta(message, view));
    if (media && message.show_caption_above_media) parts.splice(parts.length - 1, 0, text);
    else parts.push(text);
  } else if (media) {
    media.node.append(meta(message, view));
  } else {
    parts.push(element("div", { className: "text service" }, view.words.unsupportedMessage, meta(message, view)));
  }
  if (media?.width) {
    bubble.classList.add("with-media");
    bubble.style.setProperty("--media-width", `${media.width}px`);
  }
  bubble.append(...parts.filter(Boolean));
  return bubble;
}

function isLargeEmoji(text) {
  return text.length < 24 && /^(\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d\ufe0f\p{Extended_Pictographic}]*\s*){1,3}$/u.test(text);
}

function meta(message, view) {
  const edited = message.edit_date ? element("span", { className: "edited" }, view.words.edited) : null;
  const time = element("time", { dateTime: new Date(message.date * 1000).toISOString() }, clock(message.date, view.language));
  return element("span", { className: "meta" }, edited, time);
}

function quote(message, view) {
  const to = message.reply_to_message;
  if (!to) return null;
  return element(
    "button",
    { type: "button", className: "quote", onclick: () => view.on.jump(to.message_id) },
    element("strong", {}, view.nameOf(to)),
    element("span", {}, summary(to, view.words)),
  );
}

/** A message in one line, for quotes and for the list of visitors. */
export function summary(message, words) {
  const text = message.text ?? message.caption;
  const kind = message.photo ? words.photo : message.document?.file_name;
  return [kind, text].filter(Boolean).join(": ").replace(/\s+/g, " ").slice(0, 120) || "…";
}

function mediaOf(message, view) {
  if (message.photo?.length) return photo(message, view);
  const moving = message.video ?? message.animation;
  if (moving) return video(moving, view);
  const file = message.document ?? message.audio ?? message.voice ?? message.video_note;
  if (file) return { node: fileRow(file, view) };
  return null;
}

// --- pictures -----------------------------------------------------------------------------------

function fit(width, height) {
  const scale = Math.min(BOX.width / width, BOX.height / height, 1);
  return Math.max(BOX.least, Math.round(width * scale));
}

function photo(message, view) {
  const { width, height } = largest(message.photo);
  const node = picture(message, view);
  node.style.aspectRatio = `${width} / ${height}`;
  return { node: element("div", { className: "media" }, node), width: fit(width, height) };
}

/** A picture that opens the viewer; its room is reserved before it has loaded. */
function picture(message, view) {
  const size = sizeFor(message.photo);
  const key = size.file_unique_id ?? size.file_id;
  const alt = message.caption || view.words.photo;
  const image = view.images.get(key) ?? element("img", { data: { file: key }, src: view.fileUrl(size.file_id), decoding: "async" });
  image.alt = alt;
  const button = element(
    "button",
    { type: "button", className: "picture", data: { testid: "photo" }, aria: { label: alt } },
    image,
  );
  button.onclick = () => view.on.openPhoto(message.message_id);
  image.onerror = () => {
    button.classList.add("gone");
    button.dataset.note = view.words.photoGone;
  };
  image.onload = () => button.classList.add("loaded");
  if (image.complete && image.naturalWidth) button.classList.add("loaded");
  if (message.has_media_spoiler) coverPicture(button, message, view);
  return button;
}

function coverPicture(button, message, view) {
  button.classList.add("covered");
  button.onclick = () => {
    button.classList.remove("covered");
    button.onclick = () => view.on.openPhoto(message.message_id);
  };
}

/** The smallest size that is sharp in the conversation on a dense screen. */
function sizeFor(sizes) {
  const sharp = sizes.filter((size) => size.width >= 2 * BOX.width).sort((a, b) => a.width - b.width);
  return sharp[0] ?? largest(sizes);
}

function video(file, view) {
  const node = element("video", { src: view.fileUrl(file.file_id), controls: true, loop: Boolean(file.loop), preload: "metadata" });
  node.style.aspectRatio = `${file.width || 16} / ${file.height || 9}`;
  return { node: element("div", { className: "media" }, node), width: fit(file.width || 420, file.height || 236) };
}

function albumBubble(messages, view) {
  const bubble = element("div", { className: "bubble album" });
  const captioned = messages.filter((message) => message.caption);
  const pictures = messages.every((message) => message.photo);
  const items = element("div", { className: pictures ? "media grid" : "files", aria: { label: view.words.album } });
  items.setAttribute("role", "group");
  if (pictures) for (const line of lines(messages)) items.append(albumLine(line, view));
  else for (const message of messages) items.append(albumFile(message, view));
  bubble.append(items);
  const shown = captioned[0] ?? messages[0];
  if (captioned.length === 1) {
    const text = element("div", { className: "text" }, richText(shown.caption, shown.caption_entities, view.on, view.words));
    text.append(meta(messages.at(-1), view));
    bubble.append(text);
  } else {
    items.append(meta(messages.at(-1), view));
  }
  if (pictures) {
    bubble.classList.add("with-media");
    bubble.style.setProperty("--media-width", `${BOX.width}px`);
  }
  return bubble;
}

function albumLine(messages, view) {
  return element(
    "div",
    { className: "line" },
    messages.map((message) => {
      const ratio = ratioOf(message);
      const cell = element("div", { className: "cell" }, picture(message, view));
      // Growing by their ratio, the pictures of a line share one height without being cut.
      cell.style.flexGrow = ratio;
      cell.style.aspectRatio = ratio;
      mark(cell, message);
      return cell;
    }),
  );
}

function albumFile(message, view) {
  const media = mediaOf(message, view);
  const cell = element("div", { className: "cell" }, media?.node ?? view.words.unsupportedMessage);
  mark(cell, message);
  return cell;
}

function ratioOf(message) {
  const { width, height } = largest(message.photo);
  return Math.min(2.4, Math.max(0.55, width / height));
}

/** Splits an album into lines that look even. */
function lines(messages) {
  const wide = messages.filter((message) => ratioOf(message) > 1.3).length > messages.length / 2;
  const plans = { 2: wide ? [1, 1] : [2], 3: wide ? [1, 2] : [3], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [2, 2, 3], 8: [2, 3, 3], 9: [3, 3, 3] };
  const plan = plans[messages.length] ?? [3, 3, 4];
  const result = [];
  let at = 0;
  for (const count of plan) {
    result.push(messages.slice(at, at + count));
    at += count;
  }
  return result.filter((line) => line.length > 0);
}

// --- files --------------------------------------------------------------------------------------

function fileRow(file, view) {
  const name = file.file_name ?? file.title ?? "file";
  const size = file.file_size === undefined ? file.mime_type : fileSize(file.file_size, view.language);
  const ending = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1];
  return element(
    "div",
    { className: "file-row" },
    element(
      "a",
      {
        className: "file",
        href: view.fileUrl(file.file_id),
        download: name,
        data: { testid: "document" },
        aria: { label: `${view.words.download}: ${name}, ${size ?? ""}` },
      },
      element("span", { className: "file-badge" }, icon("download"), element("b", {}, ending ?? "")),
      element("span", { className: "file-name" }, name),
      element("span", { className: "file-size" }, size ?? ""),
    ),
  );
}

// --- buttons ------------------------------------------------------------------------------------

function keyboard(message, view) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.some((buttons) => buttons.length > 0)) return null;
  return element(
    "div",
    { className: "keyboard" },
    rows.map((buttons) => element("div", { className: "buttons" }, buttons.map((button) => inlineButton(message, button, view)))),
  );
}

function inlineButton(message, button, view) {
  const style = ["danger", "success", "primary"].includes(button.style) ? ` ${button.style}` : "";
  const props = { className: `inline-button${style}`, data: { testid: "button" } };
  const label = element("span", { className: "label" }, button.text);
  if (button.url !== undefined) {
    if (!safeAddress(button.url)) return dead(props, label, view);
    return link(button.url, [label, icon("external")], { ...props, title: button.url });
  }
  if (button.copy_text) {
    const onclick = () => view.on.copy(button.copy_text.text);
    props.data.copy = button.copy_text.text;
    return element("button", { ...props, type: "button", onclick }, label, icon("copy"));
  }
  if (button.callback_data === undefined) return dead(props, label, view);
  props.data.callback = button.callback_data;
  const node = element("button", { ...props, type: "button" }, label, element("span", { className: "spinner", aria: { hidden: "true" } }));
  node.onclick = () => view.on.press(message, button.callback_data);
  setBusy(node, view.isBusy(message.message_id, button.callback_data));
  return node;
}

function dead(props, label, view) {
  return element("button", { ...props, type: "button", disabled: true, title: view.words.unsupported }, label);
}

/** Shows or hides a button's spinner; a busy button stays focusable. */
export function setBusy(node, busy) {
  node.classList.toggle("busy", busy);
  node.setAttribute("aria-busy", String(busy));
}
