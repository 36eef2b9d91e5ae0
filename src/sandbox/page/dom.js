// The one way this page makes elements: text only ever becomes text nodes, never markup.

/**
 * Makes an element. `props` sets properties (`className`, `onclick`, …); `data` and `aria` are maps of
 * attributes with those prefixes; `attributes` are set as they are. Children that are null, undefined or
 * false are left out.
 */
export function element(tag, props = {}, ...children) {
  const { data, aria, attributes, ...rest } = props;
  const node = Object.assign(document.createElement(tag), rest);
  setAll(node, "data-", data);
  setAll(node, "aria-", aria);
  setAll(node, "", attributes);
  node.append(...children.flat().filter((child) => child || child === 0 || child === ""));
  return node;
}

function setAll(node, prefix, attributes = {}) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(prefix + name, value);
  }
}

const SVG = "http://www.w3.org/2000/svg";

// Stroked paths on a 24×24 grid.
const paths = {
  attach: ["M20 11.5 12.3 19a5 5 0 0 1-7.1-7.1l8-7.8a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.8a1.7 1.7 0 0 1-2.4-2.4l7-6.9"],
  block: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z", "m5.8 5.8 12.4 12.4"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  close: ["m6 6 12 12", "M18 6 6 18"],
  copy: ["M9 9h10v10H9z", "M15 9V5H5v10h4"],
  down: ["M12 5v14", "m6 13 6 6 6-6"],
  download: ["M12 4v11", "m7 11 5 5 5-5", "M5 20h14"],
  edit: ["M4 20h4L19 9l-4-4L4 16v4Z"],
  external: ["M8 16 17 7", "M9 7h8v8"],
  file: ["M7 3h7l5 5v13H7z", "M14 3v5h5"],
  left: ["m14 6-6 6 6 6"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  plus: ["M12 5v14", "M5 12h14"],
  reply: ["M10 6 4 12l6 6", "M4 12h9a7 7 0 0 1 7 7"],
  right: ["m10 6 6 6-6 6"],
  send: ["M4 12h9", "M4 12 3.5 4.5 21 12 3.5 19.5 4 12Z"],
  slash: ["M5 4h14v16H5z", "m10 16 4-8"],
};

/** A small drawing that says nothing to a screen reader: its button has a label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  for (const d of paths[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A round button with a drawing and a label for those who do not see it. */
export function iconButton(name, label, props = {}) {
  const { className = "", aria = {}, ...rest } = props;
  return element(
    "button",
    { type: "button", className: `icon-button ${className}`, title: label, aria: { label, ...aria }, ...rest },
    icon(name),
  );
}
