// The sandbox's own tools beside the messages: clock, faults, wire.

import { h } from "../dom.js";
import { icon } from "../draw/icons.js";
import { keep, kept } from "../store.js";
import { clockPanel } from "./clock.js";
import { Drawer } from "./drawer.js";
import { faultsPanel } from "./faults.js";
import { wirePanel } from "./wire.js";

const WIDE = matchMedia("(min-width: 1200px)");
// Beside the messages from there on; open by itself only where they have room enough as well.
const WIDEST = matchMedia("(min-width: 1440px)");

/**
 * Builds the panel and returns the drawer that it is. A column where the page is wide, which stays as
 * it was left; over the messages and closed at first elsewhere.
 */
export function showTools(root, world) {
  const parts = [clockPanel(world), faultsPanel(world), wirePanel(world, (count) => counted(count))];
  const tabs = parts.map(({ name, node }, at) => {
    const id = name.toLowerCase();
    Object.assign(node, { id: "panel-" + id, tabIndex: 0 });
    node.setAttribute("role", "tabpanel");
    node.setAttribute("aria-labelledby", "tab-" + id);
    return h("button", {
      type: "button", role: "tab", id: "tab-" + id, aria: { controls: node.id },
      on: { click: () => choose(at), keydown: (event) => step(event, at) },
    }, name);
  });
  const drawer = new Drawer(root, {
    name: "Tools", sign: "tools", covers: () => !WIDE.matches,
    shown: (open) => { root.hidden = !open; },
    changed: (open) => { if (WIDE.matches) keep("tools", open ? "open" : "closed"); show(); },
  });
  const top = h("div", { class: "top" }, h("div", { role: "tablist", aria: { label: "Sandbox tools" } }, tabs),
    h("button", {
      type: "button", class: "plain", aria: { label: "Close tools" }, on: { click: () => { drawer.close(); drawer.button.focus(); } },
    }, icon("close")));

  root.append(top);
  let chosen = Math.max(0, parts.findIndex((one) => one.name === kept("tab")));
  function choose(at) {
    chosen = at;
    keep("tab", parts[at].name);
    show();
  }
  // What is not looked at is not there and does nothing.
  function show() {
    root.querySelector(".panel")?.remove();
    if (drawer.isOpen) root.append(parts[chosen].node);
    parts.forEach(({ watch }, at) => {
      tabs[at].setAttribute("aria-selected", String(at === chosen));
      tabs[at].tabIndex = at === chosen ? 0 : -1;
      watch(drawer.isOpen && at === chosen);
    });
  }
  function step(event, at) {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to == null) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
  }
  function counted(count) {
    const said = count ? `${count} violation${count === 1 ? "" : "s"}` : null;
    for (const button of [drawer.button, tabs[2]]) {
      button.querySelector(".count")?.remove();
      if (said) button.append(h("span", { class: "count", aria: { hidden: "true" } }, count > 99 ? "99+" : String(count)));
      if (said) button.setAttribute("aria-description", said); else button.removeAttribute("aria-description");
    }
  }

  const begin = () => {
    const open = WIDE.matches && (kept("tools") ?? (WIDEST.matches ? "open" : "closed")) === "open";
    drawer.button.setAttribute("aria-expanded", String(open));
    root.hidden = !open;
    show();
  };
  WIDE.addEventListener("change", begin);
  begin();
  return drawer;
}
