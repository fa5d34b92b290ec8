// The fields of a command's options, one for each of Discord's types.

import { h } from "../dom.js";
import { encoded } from "../live.js";
import { attribute } from "./bits.js";
import { fileField, Files } from "./files.js";
import { fitting, things } from "./things.js";

export const ATTACHMENT = 11;
const INTEGER = 4, BOOLEAN = 5, NUMBER = 10;
const THINGS = { 6: "user", 7: "channel", 8: "role", 9: "mentionable" };
const LONGEST = 6000;
const SLOW_MS = 250;
// Questions to the bot under way for one field; more would only queue up where it is slow.
const AT_ONCE = 3;

let made = 0;

/**
 * A field has {option, node, input, empty, check(), value(), set(value), focus()}; `check` gives the sentence about
 * what is wrong, or null. `within` is {world, palette, ask(field) → Promise, leave(), back(field), send(), next(field),
 * step(field, by, event), changed(), named(field)}.
 */
export const makeField = (option, within) => new (option.type === ATTACHMENT ? FileOption : TextOption)(option, within);

class Option {
  constructor(option, within) {
    this.option = option;
    this.within = within;
    this.name = h("span", { class: "name", aria: { hidden: "true" }, on: { click: () => this.focus() } }, option.name);
    this.wrong = h("span", { class: "wrong", role: "alert", id: `wrong-${++made}` });
  }

  /** Shows what is wrong beside the option, or that nothing is any more. */
  complain(sentence) {
    this.wrong.textContent = sentence ?? "";
    this.node.classList.toggle("refused", Boolean(sentence));
    attribute(this.input, "aria-invalid", sentence && "true");
    this.input.setAttribute("aria-describedby", sentence ? this.wrong.id : "palette-hint");
  }

  get hint() { return [this.option.name, this.option.description]; }
  focus() { this.input.focus(); }
}

class TextOption extends Option {
  constructor(option, within) {
    super(option, within);
    this.picked = null;
    this.asked = 0;
    this.asking = 0;
    this.newest = 0;
    this.late = null;
    this.fixed = this.items() !== null;
    const chooses = this.fixed || option.autocomplete;
    this.input = h("input", {
      type: "text", autocomplete: "off", spellcheck: "false", enterkeyhint: "send",
      inputmode: option.type === INTEGER ? "numeric" : option.type === NUMBER ? "decimal" : null,
      role: chooses ? "combobox" : null,
      aria: { label: option.name, required: option.required ? "true" : null, describedby: "palette-hint",
        expanded: chooses ? "false" : null, autocomplete: chooses ? "list" : null },
      on: {
        input: (event) => this.typed(event), keydown: (event) => this.key(event), focus: () => this.show(),
        blur: () => { this.stop(); within.palette.close(this.input); },
        click: () => { if (!within.palette.openFor(this.input)) this.show(); },
      },
    });
    this.node = h("span", { class: "pill" }, this.name, this.input, this.wrong);
  }

  /** All that may be chosen, where that is known beforehand; else null. */
  items() {
    const { choices, type } = this.option;
    if (choices?.length) return choices.map((one) => ({ label: one.name, value: one.value }));
    if (type === BOOLEAN) return [{ label: "True", value: true }, { label: "False", value: false }];
    if (THINGS[type]) return things(THINGS[type], this.within.world, this.option.channel_types);
    return null;
  }

  get empty() { return this.input.value.trim() === ""; }
  /** What `set` makes the same of again. */
  get kept() { return this.fixed ? this.picked?.value ?? this.input.value : this.picked ?? this.input.value; }

  typed(event) {
    this.picked = null;
    if (this.within.named(this)) return;
    this.complain(null);
    this.show(event.timeStamp);
    this.within.changed();
  }

  show(since) {
    const { palette } = this.within;
    if (this.fixed) {
      const all = this.items();
      const items = this.picked ? all : fitting(all, this.input.value.replace(/^[@#]/, ""));
      const at = this.picked ? all.findIndex((one) => one.value === this.picked.value) : 0;
      this.offer(items, { at: Math.max(0, at), nothing: "Nothing here is called that." });
    } else if (this.option.autocomplete && !this.picked) this.ask(since);
    else palette.open(this.input, { label: "Choices", hint: this.hint });
  }

  offer(items, more) {
    const choose = (item, event) => this.pick(item, event);
    this.within.palette.open(this.input, { label: "Choices", hint: this.hint, items, choose, ...more });
  }

  // Each keystroke asks; an answer never takes the place of a newer one's. None of it is marked, so that Enter sends what was typed.
  async ask(since = performance.now()) {
    const mine = ++this.asked;
    const { palette } = this.within;
    this.late = this.asking < AT_ONCE ? null : since;
    if (this.late !== null) return;
    this.asking++;
    if (palette.owner !== this.input) palette.open(this.input, { label: "Choices", hint: this.hint });
    const slow = setTimeout(() => {
      if (mine === this.asked && !palette.openFor(this.input)) this.offer([], { nothing: "Looking for choices…" });
    }, SLOW_MS);
    const answer = await this.within.ask(this);
    clearTimeout(slow);
    this.asking--;
    if (this.late !== null) this.ask(this.late);
    if (mine <= this.newest || document.activeElement !== this.input) return;
    this.newest = mine;
    const items = (answer.choices ?? []).map((one) => ({ label: one.name, value: one.value }));
    const none = this.empty ? "" : "No choice fits; what you typed can be sent all the same.";
    this.offer(items, { at: -1, nothing: answer.error ? "Choices could not be had." : none });
    performance.measure("choices", { start: since, end: performance.now() });
  }

  // Whatever is still under way comes too late.
  stop() {
    this.newest = ++this.asked;
    this.late = null;
  }

  pick(item, event) {
    this.stop();
    this.take(item);
    this.within.changed();
    this.within.palette.fold();
    // Tab goes on by itself.
    if (event?.key !== "Tab") this.within.next(this);
  }

  take(item) {
    this.picked = item;
    this.input.value = (item.prefix ?? "") + item.label;
    this.complain(null);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { palette } = this.within;
    if (palette.key(event, this.input)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.within.send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.stop();
      if (palette.openFor(this.input)) palette.fold(); else this.within.leave();
    } else if (event.key === "Backspace" && this.input.value === "") {
      event.preventDefault();
      this.within.back(this);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !palette.openFor(this.input)) {
      event.preventDefault();
      this.show();
    } else if (event.key === "ArrowLeft" && this.input.selectionEnd === 0) this.within.step(this, -1, event);
    else if (event.key === "ArrowRight" && this.input.selectionStart === this.input.value.length) this.within.step(this, 1, event);
  }

  /** Fills in a value, what a person sees for it, or both as {label, value}. */
  set(value) {
    if (value?.label) return this.take(value);
    const wanted = String(value).toLowerCase();
    const found = this.items()?.find((item) => [item.value, item.label, item.find].some((one) => String(one).toLowerCase() === wanted));
    if (found) return this.take(found);
    this.picked = null;
    this.input.value = String(value);
    return undefined;
  }

  // What was typed in full is as good as picked.
  settle() {
    if (this.fixed && !this.picked && !this.empty) this.set(this.input.value.trim());
  }

  check() {
    this.settle();
    const { type, min_value: least, max_value: most, min_length: shortest, max_length: longest } = this.option;
    if (this.empty) return this.option.required ? "This option is required." : null;
    if (this.fixed) return this.picked ? null : "Please choose one of the list.";
    if (this.picked) return null;
    const text = this.input.value.trim();
    if (type === INTEGER || type === NUMBER) {
      const number = Number(text.replace(",", "."));
      if (!Number.isFinite(number)) return "Please give a number.";
      if (type === INTEGER && !Number.isInteger(number)) return "Please give a whole number.";
      if ((least == null || number >= least) && (most == null || number <= most)) return null;
      if (least != null && most != null) return `A number from ${least} to ${most}, please.`;
      return least != null ? `At least ${least}, please.` : `At most ${most}, please.`;
    }
    if (shortest && text.length < shortest) return `At least ${shortest} characters, please; this has ${text.length}.`;
    return text.length > (longest ?? LONGEST) ? `At most ${longest ?? LONGEST} characters, please; this has ${text.length}.` : null;
  }

  /** The value as the bot gets it; undefined for none. */
  value() {
    this.settle();
    if (this.empty) return undefined;
    if (this.picked) return this.picked.value;
    const text = this.input.value.trim();
    return this.option.type === INTEGER || this.option.type === NUMBER ? Number(text.replace(",", ".")) : text;
  }
}

class FileOption extends Option {
  constructor(option, within) {
    super(option, within);
    const say = (sentence) => this.complain(sentence);
    this.files = new Files({ label: `File for ${option.name}`, most: 1, say, changed: () => { this.draw(); within.changed(); } });
    const zone = fileField(this.files, { label: option.name, words: "Drop a file here, or choose one", small: true });
    this.zone = zone.node;
    this.input = zone.input;
    if (option.required) this.input.setAttribute("aria-required", "true");
    this.node = h("span", { class: "pill filed" }, this.name, this.zone, this.files.node, this.wrong);
    this.input.addEventListener("focus", () => within.palette.open(this.input, { label: "Choices", hint: this.hint }));
    this.input.addEventListener("blur", () => within.palette.close(this.input));
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.complain(null);
  }

  draw() {
    const had = this.zone.hidden;
    this.zone.hidden = !this.empty;
    // Focus does not fall out of the page with what was hidden.
    if (had && this.empty) this.input.focus();
    else if (!had && !this.empty && [document.body, this.input].includes(document.activeElement)) this.within.next(this);
  }

  key(event) {
    if (event.key === "Escape") { event.preventDefault(); this.within.leave(); }
    else if (event.key === "Backspace") {
      event.preventDefault();
      if (this.empty) this.within.back(this); else this.files.remove(this.files.all[0]);
    } else if (event.key === "Enter" && event.target.type !== "button" && !this.empty) { event.preventDefault(); this.within.send(); }
  }

  get empty() { return !this.files.all.length; }
  get kept() { return this.files.all[0]; }
  focus() { (this.empty ? this.input : this.files.node.querySelector("button")).focus(); }
  set(file) { if (file instanceof File) this.files.add([file]); }
  check() { return this.empty && this.option.required ? "This option is required." : null; }
  value() { return this.empty ? undefined : encoded(this.files.all[0]); }
}
