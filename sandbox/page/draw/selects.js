// Select menus, of messages and of forms: strings, users, roles, mentionables and channels.

import { isLetter } from "../compose/bits.js";
import { Listbox, picture } from "../compose/listbox.js";
import { fitting, things } from "../compose/things.js";
import { h } from "../dom.js";

const STRINGS = 3;
const KINDS = { 5: "user", 6: "role", 7: "mentionable", 8: "channel" };
const NAMES = { 3: "Make a selection", 5: "Select a user", 6: "Select a role", 7: "Select a user or role", 8: "Select a channel" };
const GAP = 4, EDGE = 8, HIGHEST = 340, NARROWEST = 240;

/**
 * The select as a node. `act(custom_id, values)` is told what was chosen: at once where one is chosen, on closing where
 * several may be. Without `act`, in a form, `node.values()` gives the chosen ids; "change" is dispatched on the node.
 */
export const select = (component, world, act = null) => new Select(component, world, act).node;

class Select {
  constructor(c, world, act) {
    Object.assign(this, { c, world, act });
    this.most = c.max_values ?? 1;
    this.least = c.required === false ? 0 : c.min_values ?? 1;
    this.several = this.most > 1;
    this.searched = c.type !== STRINGS;
    const name = c.placeholder || NAMES[c.type];
    this.chosen = c.type === STRINGS ? (c.options ?? []).filter((one) => one.default).map((one) => String(one.value))
      : (c.default_values ?? []).map((one) => String(one.id));
    this.list = new Listbox(name, (item, event) => this.pick(item, event), this.several);
    this.list.node.id = `${this.list.node.id}-of-select`;
    this.button = h("button", {
      type: "button", class: "select-button", role: "combobox", disabled: Boolean(c.disabled), data: { customId: c.custom_id },
      aria: { label: name, haspopup: "listbox", expanded: "false", controls: this.list.node.id },
      on: { click: () => (this.opened ? this.close() : this.open()), keydown: (event) => this.key(event) },
    });
    this.search = this.searched && h("input", {
      type: "text", class: "search", autocomplete: "off", spellcheck: "false", placeholder: "Search", role: "combobox",
      aria: { label: `Search: ${name}`, expanded: "true", autocomplete: "list", controls: this.list.node.id },
      on: { input: () => this.fill(0), keydown: (event) => this.key(event) },
    });
    this.nothing = h("p", { class: "nothing", role: "status", hidden: true }, "Nothing here is called that.");
    this.count = h("p", { class: "tally", hidden: true });
    this.popup = h("div", { class: "popup", popover: "manual" }, this.search, this.list.node, this.nothing, this.count);
    this.node = h("div", { class: "select", on: { focusout: (event) => this.left(event) } }, this.button, this.popup);
    this.node.values = () => [...this.chosen];
    this.node.button = this.button;
    this.draw();
  }

  /** All there is to choose from. */
  get all() {
    if (this.c.type !== STRINGS) return things(KINDS[this.c.type], this.world, this.c.channel_types);
    return (this.c.options ?? []).map(({ value, label, description, emoji: sign }) => ({
      value: String(value), label, note: description, icon: emoji(sign),
    }));
  }

  // The button shows what is chosen, or the placeholder.
  draw() {
    const all = this.all;
    const shown = this.chosen.map((value) => all.find((item) => item.value === value) ?? { label: "unknown" });
    const kind = this.several ? "chip" : "one";
    this.button.replaceChildren(
      h("span", { class: "chosen" }, shown.length
        ? shown.map((item) => h("span", { class: kind }, picture(item.icon), h("span", {}, item.label)))
        : h("span", { class: "blank" }, this.c.placeholder || NAMES[this.c.type])),
      h("span", { class: "arrow", aria: { hidden: "true" } }));
  }

  // Opening and closing

  open() {
    if (this.button.disabled || this.button.getAttribute("aria-busy")) return;
    this.opened = new AbortController();
    const { signal } = this.opened;
    this.before = [...this.chosen];
    if (this.search) this.search.value = "";
    this.popup.showPopover?.();
    this.list.for(this.search || this.button);
    this.button.setAttribute("aria-expanded", "true");
    this.fill(-1);
    this.place();
    if (this.search) this.search.focus(); else this.button.focus();
    const outside = (event) => { if (!this.node.contains(event.target)) this.close(false); };
    document.addEventListener("pointerdown", outside, { signal, capture: true });
    addEventListener("resize", () => this.place(), { signal });
    document.addEventListener("scroll", (event) => { if (!this.popup.contains(event.target)) this.place(); }, { signal, capture: true });
  }

  close(back = true) {
    if (!this.opened) return;
    this.opened.abort();
    this.opened = null;
    this.list.for(null);
    this.button.setAttribute("aria-expanded", "false");
    if (back) this.button.focus();
    if (this.popup.isConnected) this.popup.hidePopover?.();
    if (!this.several) return;
    if (this.chosen.length < this.least && !(this.chosen.length === 0 && !this.act)) this.chosen = this.before;
    this.draw();
    if (String(this.chosen) !== String(this.before)) this.tell();
  }

  // Below the button, or above it where there is more room; never out of the window.
  place() {
    const box = this.button.getBoundingClientRect();
    if (!this.node.isConnected || box.bottom < 0 || box.top > innerHeight) return this.close(false);
    const below = innerHeight - box.bottom - GAP - EDGE;
    const above = box.top - GAP - EDGE;
    const { style } = this.popup;
    style.maxHeight = "none";
    const width = Math.min(Math.max(box.width, NARROWEST), innerWidth - 2 * EDGE);
    style.width = `${width}px`;
    style.left = `${Math.max(EDGE, Math.min(box.left, innerWidth - width - EDGE))}px`;
    const wanted = Math.min(this.popup.scrollHeight + 2, HIGHEST);
    const up = wanted > below && above > below;
    style.maxHeight = `${Math.max(96, Math.min(HIGHEST, up ? above : below))}px`;
    style.top = up ? "auto" : `${box.bottom + GAP}px`;
    style.bottom = up ? `${innerHeight - box.top + GAP}px` : "auto";
    return undefined;
  }

  left(event) {
    if (this.opened && event.relatedTarget && !this.node.contains(event.relatedTarget)) this.close(false);
  }

  // Choosing

  fill(at) {
    const items = this.search ? fitting(this.all, this.search.value.replace(/^[@#]/, "")) : this.all;
    const full = this.several && this.chosen.length >= this.most;
    const shown = items.map((item) => {
      const selected = this.chosen.includes(item.value);
      return { ...item, selected, disabled: full && !selected };
    });
    const first = shown.findIndex((item) => item.selected);
    this.list.show(shown, shown.length ? at < 0 ? Math.max(0, first) : Math.min(at, shown.length - 1) : -1);
    this.list.node.hidden = !shown.length;
    this.nothing.hidden = shown.length > 0;
    this.count.hidden = !this.several;
    const wanted = this.least === this.most ? this.most : this.least > 0 ? `${this.least} to ${this.most}` : `up to ${this.most}`;
    this.count.textContent = `Choose ${wanted}; ${this.chosen.length} chosen`;
  }

  pick(item, event) {
    const had = this.chosen.includes(item.value);
    if (this.several) {
      // Tab leaves, as anywhere; it does not tick.
      if (event?.key === "Tab") return this.close(false);
      this.chosen = had ? this.chosen.filter((value) => value !== item.value) : [...this.chosen, item.value];
      this.draw();
      const { scrollTop } = this.list.node;
      this.fill(this.list.at);
      this.list.node.scrollTop = scrollTop;
      return undefined;
    }
    if (event?.key === "Tab") return this.close(true);
    this.chosen = had && this.least === 0 ? [] : [item.value];
    this.draw();
    this.close();
    return this.tell();
  }

  async tell() {
    this.node.dispatchEvent(new Event("change", { bubbles: true }));
    if (!this.act) return;
    this.button.setAttribute("aria-busy", "true");
    const trouble = await this.act(this.c.custom_id, this.node.values());
    this.button.removeAttribute("aria-busy");
    // What the bot never heard of is not shown as chosen.
    if (trouble) { this.chosen = this.before; this.draw(); }
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.opened) {
      const typed = !this.searched && isLetter(event);
      if (!typed && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.open();
      if (typed) this.seek(event.key);
      return;
    }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); return; }
    if (this.list.key(event)) { event.stopPropagation(); return; }
    if (event.key === "Tab") return void this.close(false);
    if (this.search) return;
    if (event.key === " " && this.list.active && !this.list.active.disabled) { event.preventDefault(); this.pick(this.list.active); }
    else if (event.key === "Home") { event.preventDefault(); this.list.go(0); }
    else if (event.key === "End") { event.preventDefault(); this.list.go(this.list.items.length - 1); }
    else if (isLetter(event)) { event.preventDefault(); this.seek(event.key); }
  }

  // Letters go to the option that begins with them.
  seek(letter) {
    clearTimeout(this.forget);
    this.sought = (this.sought ?? "") + letter.toLowerCase();
    this.forget = setTimeout(() => { this.sought = ""; }, 700);
    const at = this.list.items.findIndex((item) => item.label.toLowerCase().startsWith(this.sought));
    if (at >= 0) this.list.go(at);
  }
}

// An emoji as a picture; those of a server are pictures of Discord, which this page does not ask.
function emoji(one) {
  if (!one?.name) return null;
  return { text: one.id ? `:${one.name}:`.slice(0, 3) : one.name };
}
