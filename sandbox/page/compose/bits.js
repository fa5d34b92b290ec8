// What the message box and forms share.

import { h } from "../dom.js";

/** As a sentence begins and ends. */
export function sentence(text) {
  const whole = text.trim();
  return whole[0].toUpperCase() + whole.slice(1) + (/[.!?…”]$/.test(whole) ? "" : ".");
}

/** The small button that takes something away. */
export const cross = (label, press) => h("button", { type: "button", class: "bare", aria: { label }, on: { click: press } }, "×");

/** Sets an attribute, or takes it off where there is nothing to say. */
export function attribute(node, name, value) {
  if (value) node.setAttribute(name, value); else node.removeAttribute(name);
}

/** A letter typed, no key that does something. */
export const isLetter = (event) => event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
