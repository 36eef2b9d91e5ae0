// What lies over the conversation: toasts, alerts, the picture viewer.
import { element, icon, iconButton } from "./dom.js";

const TOAST_MS = 4500;

/** Shows a line of text for a moment; a new one takes the place of the old. */
export function toast(text) {
  const room = document.getElementById("toasts");
  room.replaceChildren(element("div", { className: "toast", data: { testid: "toast" } }, text));
  const shown = room.firstElementChild;
  setTimeout(() => shown.remove(), TOAST_MS + 30 * text.length);
}

/** Opens a dialog that closes itself by Escape, by its backdrop or by `close`, and then leaves the page. */
export function openDialog(className, label, ...children) {
  const dialog = element("dialog", { className, aria: { label } }, ...children);
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close();
  };
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A callback answer with `show_alert`: stays until it is read. */
export function alertBox(text, words) {
  const accept = element("button", { type: "button", className: "primary", autofocus: true }, words.accept);
  const body = element("p", {}, text);
  const dialog = openDialog("box alert", words.botSays, body, element("div", { className: "box-actions" }, accept));
  dialog.dataset.testid = "alert";
  dialog.setAttribute("role", "alertdialog");
  accept.onclick = () => dialog.close();
  return dialog;
}

/**
 * The full-screen viewer over `pictures`, a list of `{url, name, caption}` (caption as a node or text),
 * opened at `index`. Arrows and swipes turn the pages.
 */
export function viewer(pictures, index, words) {
  let at = index;
  const image = element("img", { draggable: false });
  const caption = element("div", { className: "viewer-caption" });
  const count = element("span", { className: "viewer-count" });
  const download = element("a", { className: "icon-button", title: words.download, aria: { label: words.download } });
  const original = element("a", { className: "icon-button", target: "_blank", title: words.openOriginal, aria: { label: words.openOriginal } });
  download.append(icon("download"));
  original.append(icon("external"));
  const close = iconButton("close", words.close, { onclick: () => dialog.close(), autofocus: true });
  const previous = iconButton("left", words.previous, { className: "turn previous", onclick: () => turn(-1) });
  const next = iconButton("right", words.next, { className: "turn next", onclick: () => turn(1) });
  const stage = element("div", { className: "stage" }, image);
  const dialog = openDialog(
    "viewer",
    words.photo,
    element("div", { className: "viewer-bar" }, count, original, download, close),
    stage,
    previous,
    next,
    caption,
  );
  dialog.dataset.testid = "viewer";

  function turn(step) {
    const target = at + step;
    if (target < 0 || target >= pictures.length) return;
    at = target;
    show();
  }
  function show() {
    const picture = pictures[at];
    image.src = picture.url;
    image.alt = picture.caption || words.photo;
    caption.textContent = picture.caption ?? "";
    count.textContent = pictures.length > 1 ? `${at + 1} / ${pictures.length}` : "";
    download.href = original.href = picture.url;
    download.download = picture.name;
    previous.hidden = at === 0;
    next.hidden = at === pictures.length - 1;
  }
  dialog.onkeydown = (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  };
  stage.onclick = (event) => {
    if (event.target === stage) dialog.close();
  };
  swipe(stage, turn);
  show();
  return dialog;
}

function swipe(stage, turn) {
  let from = null;
  stage.onpointerdown = (event) => {
    from = event.pointerType === "mouse" ? null : event.clientX;
  };
  stage.onpointerup = (event) => {
    if (from !== null && Math.abs(event.clientX - from) > 48) turn(event.clientX < from ? 1 : -1);
    from = null;
  };
}
