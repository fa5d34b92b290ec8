// The one way this page makes elements. Text is always set as text, never parsed as HTML.

/**
 * `h("button", {class: "x", type: "button", data: {id: 1}, on: {click}, aria: {label: "y"}}, …)`.
 * Properties that are null, undefined or false are left out, true sets an empty attribute; children
 * are nodes or text, in arrays or not, and what is null, undefined or false is left out.
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value == null || value === false) continue;
    if (name === "on") for (const [kind, listener] of Object.entries(value)) node.addEventListener(kind, listener);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "aria") for (const [key, said] of Object.entries(value)) { if (said != null) node.setAttribute("aria-" + key, said); }
    else if (name === "value" || name === "checked" || name === "indeterminate") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  fill(node, children);
  return node;
}

/** Appends children as `h` takes them. */
export function fill(node, children) {
  for (const child of [children].flat(Infinity)) if (child != null && child !== false) node.append(child);
  return node;
}

export const $ = (id) => document.getElementById(id);

// Our own marks, each the path of a 24 × 24 drawing.
const MARKS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  thread: "M5 4v9a3 3 0 0 0 3 3h11m-4-4 4 4-4 4",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  at: "M4 5h16v11H11l-4 4v-4H4z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v3m0 14v3M2 12h3m14 0h3M5 5l2 2m10 10 2 2M5 19l2-2M17 7l2-2",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5",
  tools: "M4 7h9m5 0h2M4 17h2m5 0h9M13 4v6h4V4zM6 14v6h4v-6z",
  menu: "M3 6h18M3 12h18M3 18h18",
  close: "M6 6l12 12M18 6 6 18",
  tick: "M5 13l5 5L20 7",
  down: "M12 5v14m-6-6 6 6 6-6",
  switch: "M8 9l4-4 4 4M8 15l4 4 4-4",
};

/** One of them, hidden from screen readers: what it means is to be said in words. */
export function mark(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("class", "mark");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", MARKS[name]);
  svg.append(path);
  return svg;
}
