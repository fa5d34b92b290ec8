// A chosen slash command in the message box: its name, its options as pills, and what else it takes.

import { h } from "../dom.js";
import { ATTACHMENT, makeField } from "./options.js";

/** `on` is {leave(), back(), send(), changed()}: gone, given back as text, sent, something typed. */
export class Command {
  constructor(command, world, palette, on) {
    Object.assign(this, { command, world, palette, on });
    this.path = command.path;
    this.fields = [];
    this.more = h("button", {
      type: "button", class: "more-options", role: "combobox", aria: { expanded: "false", haspopup: "listbox" },
      on: {
        click: () => { if (palette.openFor(this.more)) palette.close(this.more); else this.offerMore(); },
        blur: () => palette.close(this.more), keydown: (event) => this.moreKey(event),
      },
    });
    const bot = world.person(command.app)?.display_name;
    this.node = h("div", { class: "slash", role: "group", aria: { label: `/${command.path}${bot ? ` of ${bot}` : ""}` } },
      h("span", { class: "path" }, "/" + command.path), this.more);
    for (const option of command.options) if (option.required) this.open(option);
    this.drawMore();
  }

  /** The options not opened yet. */
  get rest() { return this.command.options.filter((option) => !this.field(option.name)); }
  field(name) { return this.fields.find((one) => one.option.name === name); }

  open(option) {
    const field = makeField(option, {
      world: this.world, palette: this.palette, ask: (one) => this.ask(one), send: () => this.on.send(), changed: () => this.on.changed(),
      leave: () => this.on.leave(), back: (one) => this.back(one), next: (one) => this.next(one), named: (one) => this.named(one),
      step: (one, by, event) => this.step(one, by, event),
    });
    this.fields.push(field);
    this.more.before(field.node);
    this.drawMore();
    return field;
  }

  drawMore() {
    const left = this.rest.length;
    this.more.hidden = !left;
    this.more.textContent = `+${left} ${this.fields.length ? "more" : "optional"}`;
    this.more.setAttribute("aria-label", `${left} more option${left === 1 ? "" : "s"}`);
  }

  offerMore() {
    this.palette.open(this.more, {
      label: "Options", at: 0, hint: ["Options", "of /" + this.path],
      items: this.rest.map((option) => ({ label: option.name, note: option.description, option })),
      choose: ({ option }, event) => { event.preventDefault(); this.open(option).focus(); },
    });
  }

  moreKey(event) {
    const open = this.palette.openFor(this.more);
    if (this.palette.key(event, this.more)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); this.offerMore(); }
    else if (event.key === "Escape") { event.preventDefault(); if (open) this.palette.close(this.more); else this.on.leave(); }
    else if (event.key === "Backspace" || event.key === "ArrowLeft") {
      event.preventDefault();
      const last = this.fields.at(-1);
      if (last) last.focus(); else if (event.key === "Backspace") this.on.back();
    }
  }

  // Backspace in an empty option: it goes, if it may; the first gives the command back.
  back(field) {
    const at = this.fields.indexOf(field);
    if (at === 0) return this.on.back();
    if (!field.option.required) {
      this.fields.splice(at, 1);
      field.node.remove();
      this.drawMore();
      this.on.changed();
    }
    return this.fields[at - 1].focus();
  }

  // "rating:" typed in any option goes on in that one.
  named(field) {
    const typed = /(?:^|\s)(\S+):$/.exec(field.input.value);
    const option = typed && this.command.options.find((one) => one.name === typed[1]);
    if (!option) return false;
    field.input.value = field.input.value.slice(0, typed.index);
    if (option !== field.option) this.palette.close(field.input);
    (this.field(option.name) ?? this.open(option)).focus();
    return true;
  }

  step(field, by, event) {
    const to = this.fields[this.fields.indexOf(field) + by];
    if (!to && !(by > 0 && !this.more.hidden)) return;
    event.preventDefault();
    (to ?? this.more).focus();
  }

  // After something was picked: on to what is still needed, or nowhere.
  next(field) {
    const needed = this.fields.find((one) => one.option.required && one.empty);
    if (needed) needed.focus();
    else if (field.option.type === ATTACHMENT) this.on.ready();
    else field.input.focus();
  }

  /** Fills in {name: value}; what the command has not is left out. */
  fill(options) {
    for (const [name, value] of Object.entries(options ?? {})) {
      const option = this.command.options.find((one) => one.name === name);
      if (option && value != null) (this.field(name) ?? this.open(option)).set(value);
    }
  }

  /** To the first option that must be filled in and is not; false when there is none. */
  focus() {
    const needed = this.fields.find((one) => one.option.required && one.empty);
    needed?.focus();
    return Boolean(needed);
  }

  /** Where a dropped file goes: the first attachment option, an open and empty one before all. */
  fileOption() {
    const open = this.fields.filter((one) => one.option.type === ATTACHMENT);
    return (open.find((one) => one.empty) ?? open[0])?.option
      ?? this.rest.find((option) => option.type === ATTACHMENT) ?? null;
  }

  take(files) {
    const option = this.fileOption();
    if (!option || !files.length) return;
    const field = this.field(option.name) ?? this.open(option);
    field.files.add([files[0]]);
  }

  /** Says beside each option what is wrong and goes to the first; true when all is well. */
  check() {
    let first = null;
    for (const field of this.fields) {
      const sentence = field.check();
      if (sentence || field.option.type !== ATTACHMENT || !field.wrong.textContent) field.complain(sentence);
      if (sentence) first ??= field;
    }
    first?.focus();
    return !first;
  }

  async values() {
    const given = {};
    for (const field of this.fields) {
      const value = await field.value();
      if (value !== undefined) given[field.option.name] = value;
    }
    return given;
  }

  // What else is filled in goes along, as on Discord; files and what is not right yet do not.
  ask(field) {
    const options = { [field.option.name]: field.input.value };
    for (const one of this.fields) {
      if (one !== field && one.option.type !== ATTACHMENT && !one.empty && one.check() === null) options[one.option.name] = one.value();
    }
    return this.world.call("POST autocomplete", { command: this.path, options, focused: field.option.name });
  }

  /** What is filled in, to fill it in again. */
  filled() {
    return Object.fromEntries(this.fields.filter((one) => !one.empty).map((one) => [one.option.name, one.kept]));
  }
}
