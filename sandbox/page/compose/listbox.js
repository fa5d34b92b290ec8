// A list to choose from: commands, choices, the options of a select. Focus stays with its owner
// (a box or a button), which tells a screen reader by aria-activedescendant where the list is at.

import { avatar } from "../draw/avatar.js";
import { h } from "../dom.js";

const PAGE = 7;

let made = 0;

/**
 * `choose(item, event)` is told of a click, and of Enter or Tab on the active one. Items are {label, note?, icon?,
 * group?, selected?, disabled?} and whatever the chooser wants to find in them again.
 */
export class Listbox {
  constructor(label, choose, multi = false) {
    this.choose = choose;
    this.items = [];
    this.at = -1;
    this.owner = null;
    this.node = h("div", {
      role: "listbox", id: `list-${++made}`, class: "options", aria: { label, multiselectable: multi ? "true" : null },
      on: {
        // The owner keeps its focus.
        mousedown: (event) => event.preventDefault(),
        click: (event) => {
          const at = this.nodes.indexOf(event.target.closest("[role=option]"));
          if (at >= 0 && !this.items[at].disabled) { this.go(at); this.choose(this.items[at], event); }
        },
      },
    });
  }

  /** Shows items, the one at `at` being active; none is with -1. */
  show(items, at = -1) {
    this.items = items;
    this.nodes = items.map((item, index) => this.draw(item, index));
    const groups = new Map();
    items.forEach((item, index) => {
      if (!groups.has(item.group)) groups.set(item.group, []);
      groups.get(item.group).push(this.nodes[index]);
    });
    this.node.replaceChildren(...[...groups].flatMap(([name, nodes]) => name == null ? nodes
      : h("div", { role: "group", aria: { label: name } }, h("div", { class: "group", aria: { hidden: "true" } }, name), nodes)));
    this.go(at);
  }

  draw(item, index) {
    return h("div", {
      role: "option", id: `${this.node.id}-${index}`, class: item.kind,
      aria: { selected: String(Boolean(item.selected)), disabled: item.disabled ? "true" : null },
    },
    this.node.hasAttribute("aria-multiselectable") && h("span", { class: "tick", aria: { hidden: "true" } }),
    picture(item.icon),
    h("span", { class: "words" },
      h("span", { class: "label" }, item.label, item.more), " ", item.note && h("span", { class: "note" }, item.note)));
  }

  get active() { return this.items[this.at]; }

  go(at) {
    const old = this.nodes[this.at];
    this.at = at;
    const node = this.nodes[at];
    old?.classList.remove("active");
    node?.classList.add("active");
    // Where nothing is chosen yet but only gone over, the active one is the selected one.
    if (old && this.items[old.id.split("-").at(-1)]?.selected === undefined) old.setAttribute("aria-selected", "false");
    if (node && this.items[at].selected === undefined) node.setAttribute("aria-selected", "true");
    node?.scrollIntoView({ block: "nearest" });
    if (at === 0) this.node.scrollTop = 0;
    if (this.owner && node) this.owner.setAttribute("aria-activedescendant", node.id);
    else this.owner?.removeAttribute("aria-activedescendant");
  }

  /** What a key means to the list; true when it was for the list. */
  key(event) {
    const last = this.items.length - 1;
    if (last < 0 || event.altKey || event.ctrlKey || event.metaKey) return false;
    const down = this.at === last ? 0 : this.at + 1;
    const to = {
      ArrowDown: down, ArrowUp: this.at <= 0 ? last : this.at - 1,
      PageDown: Math.min(this.at + PAGE, last), PageUp: Math.max(this.at - PAGE, 0),
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.go(to);
      return true;
    }
    if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.active && !this.active.disabled) {
      if (event.key === "Enter") event.preventDefault();
      this.choose(this.active, event);
      return true;
    }
    return false;
  }

  /** Whom the keys come through from now on; null when the list is closed. */
  for(owner) {
    if (this.owner && this.owner !== owner) {
      for (const name of ["aria-activedescendant", "aria-controls"]) this.owner.removeAttribute(name);
      if (this.owner.getAttribute("role") === "combobox") this.owner.setAttribute("aria-expanded", "false");
    }
    this.owner = owner;
    owner?.setAttribute("aria-controls", this.node.id);
    owner?.setAttribute("aria-expanded", "true");
  }
}

/** An item's little picture: {person}, {text, round, hue} or {src}; null makes none. */
export function picture(icon) {
  if (!icon) return null;
  if (icon.person) return avatar(icon.person);
  if (icon.src) return h("img", { class: "pic", src: icon.src, alt: "" });
  const node = h("span", { class: icon.round ? "pic round" : "pic", data: { text: icon.text ?? "" }, aria: { hidden: "true" } });
  if (icon.hue) node.style.background = icon.hue;
  return node;
}
