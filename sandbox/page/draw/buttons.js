// Buttons of messages, in all of Discord's styles.

import { h } from "../dom.js";
import { icon } from "./icons.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };

/** A button that does what `click` does. */
export function doer(click, props, ...children) { return h("button", { type: "button", ...props, on: { click } }, children); }

/** A component's button; `act(custom_id)` presses it, and until that settles it shows that it waits. */
export function button(c, world, act) {
  const style = STYLES[c.style] ?? "secondary";
  const label = [c.emoji && emoji(c.emoji), c.label && h("span", { class: "label" }, c.label)];
  if (style === "link") {
    // A link has no disabled state of its own: without an address it is none.
    const props = c.disabled
      ? { role: "link", aria: { disabled: "true" } }
      : { href: /^(https?|discord):/i.test(c.url) ? c.url : null, target: "_blank", rel: "noreferrer noopener", title: c.url };
    return h("a", { class: "press link", ...props }, label, icon("out"));
  }
  const node = h("button", { type: "button", class: "press " + style, disabled: c.disabled, data: { customId: c.custom_id ?? "" } },
    style === "premium" ? [icon("gem"), h("span", { class: "label" }, "Get premium")] : label);
  if (!c.label && c.emoji && style !== "premium") node.setAttribute("aria-label", c.emoji.name ?? "emoji");
  if (style === "premium") node.title = "Discord shows the product's name and price here. The sandbox sells nothing.";
  else node.addEventListener("click", () => press(node, () => act?.(c.custom_id)));
  return node;
}

async function press(node, act) {
  if (node.ariaBusy === "true") return;
  node.ariaBusy = "true";
  const waiting = node.appendChild(dots());
  try {
    await act();
  } finally {
    node.ariaBusy = null;
    waiting.remove();
  }
}

/** Three dots that breathe while something is waited for. */
export function dots() { return h("span", { class: "dots", aria: { hidden: "true" } }, h("i"), h("i"), h("i")); }

/** An emoji; a custom one is told by its name, since its picture is elsewhere. */
export function emoji(one) {
  return h("span", { class: "emoji" }, one.id ? `:${one.name}:` : one.name);
}
