// A menu that pops up: arrow keys, a letter, Enter, Escape; focus goes back where it came from.

import { h } from "../dom.js";

let open = null;

/** Closes the menu that is open, if any, and moves focus back. */
export function closeMenu() { open?.close(); }

/** The thing whose menu is open, as `about` named it, or null. */
export const menuAbout = () => open?.about ?? null;

/**
 * `items` are {label, name?, note?, run, danger?, checked?, pressed?} or {heading}: with `checked` a
 * choice of one, with `pressed` a small switch in a row of them. `back` gives the element that is focused afterwards. The menu
 * opens beside `anchor`, or at `at` {x, y}; `up` prefers the place above.
 */
export function openMenu({ label, items, anchor, at, up = false, back = () => anchor, about = null }) {
  open?.close(false);
  const entries = [];
  const menu = h("div", { class: "menu", role: "menu", tabindex: "-1", aria: { label } });
  let row = null;
  for (const item of items) {
    if (item.heading) { menu.append(h("div", { class: "heading", aria: { hidden: "true" } }, item.heading)); continue; }
    const entry = h("button", {
      type: "button", class: item.danger && "danger", tabindex: "-1",
      role: item.pressed != null ? "menuitemcheckbox" : item.checked != null ? "menuitemradio" : "menuitem",
      aria: { label: item.name ?? item.label, description: item.note, checked: item.pressed ?? item.checked },
      on: { click: () => { close(); item.run(); }, pointermove: () => entry.focus({ preventScroll: true }) },
    }, h("span", {}, item.label), item.note && h("small", {}, item.note));
    entries.push(entry);
    if (item.pressed != null && !row) menu.append(row = h("div", { class: "brief", role: "presentation" }));
    if (item.pressed == null) row = null;
    (row ?? menu).append(entry);
  }

  const step = (by) => {
    const now = entries.indexOf(document.activeElement);
    entries[now < 0 ? (by > 0 ? 0 : entries.length - 1) : (now + by + entries.length) % entries.length].focus();
  };
  const keys = {
    ArrowDown: () => step(1), ArrowRight: () => step(1), ArrowUp: () => step(-1), ArrowLeft: () => step(-1),
    Home: () => entries[0].focus(), End: () => entries.at(-1).focus(), Escape: () => close(), Tab: () => close(),
  };
  menu.addEventListener("keydown", (event) => {
    const found = keys[event.key] ?? (event.key.length === 1 && event.key !== " " && (() => {
      const letter = event.key.toLowerCase();
      const now = entries.indexOf(document.activeElement);
      [...entries.slice(now + 1), ...entries.slice(0, now + 1)].find((one) => one.textContent.toLowerCase().startsWith(letter))?.focus();
    }));
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    found();
  });

  const outside = (event) => { if (!menu.contains(event.target) && !anchor?.contains(event.target)) close(false); };
  const away = () => close(false);
  function close(focus = true) {
    if (open?.close !== close) return;
    open = null;
    menu.remove();
    removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", away);
    anchor?.setAttribute("aria-expanded", "false");
    if (focus) back()?.focus({ preventScroll: true });
  }
  open = { close, about };
  addEventListener("pointerdown", outside, true);
  addEventListener("resize", away);
  document.querySelector("main").append(menu);
  anchor?.setAttribute("aria-expanded", "true");
  place(menu, anchor, at, up);
  (entries.find((one) => one.getAttribute("aria-checked") === "true") ?? entries[0])?.focus({ preventScroll: true });
}

/** Whether one is open on this anchor, which then closes it: for buttons that toggle. */
export function toggledShut(anchor) {
  if (anchor.getAttribute("aria-expanded") !== "true" || !open) return false;
  open.close();
  return true;
}

function place(menu, anchor, at, up) {
  const box = anchor?.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const x = at?.x ?? (up ? box.left : box.right - width);
  let y = at?.y ?? (up ? box.top - height - 6 : box.bottom + 4);
  if (y + height > innerHeight - 8) y = (box && !at ? box.top - 4 : innerHeight - 8) - height;
  menu.style.left = Math.max(8, Math.min(x, innerWidth - width - 8)) + "px";
  menu.style.top = Math.max(8, y) + "px";
}
