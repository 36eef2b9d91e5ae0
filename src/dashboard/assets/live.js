// Keeps the live parts of a page up to date: every element with data-live=NAME shows what the server
// sends under that name. Without this script a page shows how things were when it was opened.

const parts = new Map();
for (const element of document.querySelectorAll("[data-live]")) {
  parts.set(element.dataset.live, element);
}

// A menu closes by Escape, and by a press beside it.
const menus = document.querySelectorAll("details.menu");
const closeMenus = (except) => {
  for (const menu of menus) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// The server's own HTML, escaped there. An element is touched only when it says something else, so that
// a screen reader does not read the same again. A link that had the focus gets it back.
const shown = new Map();
const swap = (element, html) => {
  if (shown.get(element) === html || element.innerHTML === html) return;
  const place = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
  element.innerHTML = html;
  shown.set(element, html);
  if (!place) return;
  for (const link of element.querySelectorAll("a[href]")) {
    if (link.getAttribute("href") === place) return link.focus({ preventScroll: true });
  }
};

const show = (data) => {
  for (const [name, html] of Object.entries(data)) {
    const element = parts.get(name);
    if (!element) continue;
    swap(element, html);
    element.dispatchEvent(new CustomEvent("live", { bubbles: true }));
  }
};

let source;
const open = () => {
  if (source || parts.size === 0 || document.hidden) return;
  const names = [...parts.keys()].join(",");
  source = new EventSource(`/admin/events?parts=${encodeURIComponent(names)}`);
  source.addEventListener("parts", (event) => {
    document.documentElement.removeAttribute("data-lost");
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    document.documentElement.setAttribute("data-lost", "");
    // Refused, not cut off: the session is over, or too many pages are open.
    if (source.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, 15000);
    }
  });
};
const close = () => {
  source?.close();
  source = undefined;
};
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("pagehide", close);
open();
