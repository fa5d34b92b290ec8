// The one way this page makes elements. Text is always set as text, never parsed as HTML.

const ADDRESS = /^(?:https?:\/\/|\/(?!\/)|blob:|data:image\/)/i;

/**
 * `h("button", {class: "x", type: "button", data: {id: 1}, on: {click}, aria: {label: "y"}}, …)`.
 * Properties that are null, undefined or false are left out, true sets an empty attribute; children
 * are nodes or text, in arrays or not, and what is null, undefined or false is left out. An address
 * that is none of the web's or of this page's own is left out as well, whoever wrote it.
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value == null || value === false) continue;
    if ((name === "href" || name === "src") && !ADDRESS.test(value)) continue;
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
