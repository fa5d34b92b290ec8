// The message box: messages with files and replies, and slash commands with their options.

import { h } from "../dom.js";
import { encoded } from "../live.js";
import { cross } from "./bits.js";
import { Command } from "./command.js";
import { flatten, matching, typedOptions, typedThrough } from "./commands.js";
import { dropAnywhere, Files } from "./files.js";
import { Palette } from "./palette.js";

const MOST_CHARACTERS = 2000;
const COUNT_FROM = 1800;
const THREADS = [10, 11, 12];

const EMPTY = { text: "", files: [], reply: null, command: null };

export class Composer {
  /** Builds itself into `root`. */
  constructor(root, world, actions) {
    Object.assign(this, { root, world, actions });
    this.drafts = new Map();
    this.place = null;
    this.command = null;
    this.replying = null;
    this.recall = null;
    this.build(root);
    world.on("place", () => this.moved());
    world.on("state", () => { this.allow(); this.renew(); });
    // The bot has begun to answer; what it is still at is told in its message.
    world.on("message", () => this.form.classList.remove("busy"));
    world.on("delete", (event) => { if (event.message_id === this.replying?.id) this.reply(null); });
    document.addEventListener("command-mention", (event) => this.start(event.detail.path, event.detail.options));
    dropAnywhere(root.closest("main") ?? root, () => this.dropSentence(), (files) => this.take(files));
  }

  build(root) {
    this.palette = new Palette();
    this.files = new Files({ label: "Attached files", say: (sentence) => this.say(sentence), changed: () => this.typed() });
    this.box = h("textarea", {
      id: "box", class: "box", rows: "1", role: "combobox", spellcheck: "true", enterkeyhint: "send",
      aria: { label: "Message", autocomplete: "list", expanded: "false" },
      on: {
        input: (event) => this.typed(event), keydown: (event) => this.key(event),
        blur: () => this.palette.close(this.box), focus: () => this.suggest(),
      },
    });
    this.input = h("input", { type: "file", multiple: true, hidden: true, aria: { label: "Files" },
      on: { change: () => { this.take(this.input.files); this.input.value = ""; this.focus(); } } });
    this.plus = h("button", {
      type: "button", class: "plus", title: "Add a file", aria: { label: "Add a file" }, on: { click: () => this.input.click() },
    }, "+");
    this.entry = h("div", { class: "entry" }, this.box);
    this.left = h("span", { class: "left", hidden: true });
    this.leave = cross("Leave this command", () => this.drop());
    this.leave.hidden = true;
    this.button = h("button", { type: "submit", id: "send", class: "send", title: "Send", aria: { label: "Send" } });
    this.bar = h("div", { class: "replying", hidden: true });
    this.says = h("p", { class: "says", role: "alert" });
    this.form = h("form", {
      class: "composer", autocomplete: "off", novalidate: true,
      on: {
        submit: (event) => { event.preventDefault(); this.send(); },
        paste: (event) => this.paste(event), keydown: (event) => this.formKey(event),
      },
    },
    this.palette.node, this.bar,
    h("div", { class: "well", on: { click: (event) => { if ([event.currentTarget, this.entry].includes(event.target)) this.focus(); } } },
      this.files.node, h("div", { class: "line" }, this.plus, this.input, this.entry, this.left, this.leave, this.button)),
    this.says);
    root.append(this.form);
  }

  // Place: what was being written stays where it was being written

  moved() {
    const key = `${this.world.name} ${this.world.channelId}`;
    if (key !== this.place) {
      if (this.place) this.drafts.set(this.place, this.draft());
      this.place = key;
      this.put(this.drafts.get(key) ?? EMPTY);
      this.say(null);
    }
    this.allow();
    this.renew();
  }

  draft() { return { text: this.box.value, files: this.files.all, reply: this.replying, command: this.command }; }

  put({ text, files, reply, command }) {
    this.box.value = text;
    this.files.set(files);
    this.reply(reply, false);
    this.use(command);
    this.grow();
  }

  get clean() { return !this.command && !this.box.value && !this.files.all.length; }

  /** The commands offered here. */
  async offered() {
    const offers = this.world.offers;
    if (this.offers !== offers) {
      const commands = flatten(await offers);
      // Another place may be shown by now.
      if (offers !== this.world.offers) return this.offered();
      Object.assign(this, { offers, commands });
    }
    return this.commands;
  }

  // Who looks at an empty list sees what has come meanwhile.
  async renew() {
    await this.offered();
    if (this.palette.owner === this.box && !this.palette.openFor(this.box)) this.suggest();
  }

  // Whether the member may write here, as the server's roles say.
  get may() {
    const { channel, server } = this.world;
    return !channel || !server || this.world.may(THREADS.includes(channel.type) ? "send_messages_in_threads" : "send_messages");
  }

  allow() {
    const { channel, server } = this.world;
    const name = channel ? this.world.titleOf(channel) : "";
    const may = this.may;
    this.box.disabled = this.plus.disabled = this.button.disabled = !may;
    this.box.setAttribute("aria-label", `Message ${name}`);
    this.box.placeholder = !may ? "You may not write in this channel." : server ? `Message #${name}` : `Message @${name}`;
    this.form.classList.toggle("shut", !may);
  }

  // Writing

  typed(event) {
    this.say(null);
    this.grow();
    if (!event) return;
    if (this.offers === this.world.offers && this.through(this.box.value)) return;
    this.suggest();
  }

  // A command typed in full goes on in its options.
  through(typed) {
    const found = /^\/.*$/.test(typed) && typedThrough(this.commands, typed.slice(1));
    if (found) this.choose(found.command, typedOptions(found.command, found.rest));
    return Boolean(found);
  }

  grow() {
    const { box } = this;
    box.style.height = "auto";
    if (box.value) box.style.height = `${box.scrollHeight}px`;
    const left = MOST_CHARACTERS - [...box.value].length;
    this.left.hidden = left > MOST_CHARACTERS - COUNT_FROM || Boolean(this.command);
    this.left.textContent = left;
    this.left.classList.toggle("over", left < 0);
    this.form.classList.toggle("full", !this.clean);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.palette.key(event, this.box)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      if (this.palette.openFor(this.box)) this.palette.close(this.box);
      else if (this.replying) this.reply(null);
    } else if (event.key === "ArrowUp" && this.clean && this.recall) {
      event.preventDefault();
      this.start(this.recall.path, this.recall.options, true);
    }
  }

  // With a command and no option to type in, the keys come to the send button.
  formKey(event) {
    if (!this.command || event.target !== this.button || event.defaultPrevented) return;
    if (event.key === "Escape") this.drop();
    else if (event.key === "Backspace") { event.preventDefault(); this.giveBack(); }
  }

  async suggest() {
    const typed = this.box.value;
    if (!typed.startsWith("/") || typed.includes("\n")) return this.palette.close(this.box);
    const late = this.offers !== this.world.offers;
    const commands = late ? await this.offered() : this.commands;
    if (this.box.value !== typed || document.activeElement !== this.box || (late && this.through(typed))) return undefined;
    const items = matching(commands, typed.slice(1)).map((command) => this.item(command));
    this.palette.open(this.box, {
      label: "Commands", items, choose: ({ command }, event) => { event?.preventDefault(); this.choose(command); },
      nothing: commands.length ? "No command is called that." : "No commands are offered here.",
    });
    return undefined;
  }

  item(command) {
    const bot = this.world.person(command.app);
    return {
      kind: "offer", label: "/" + command.path, note: command.description, command,
      group: bot?.display_name ?? "Commands", icon: bot && { person: bot },
      more: [
        ...command.options.slice(0, 4).map(({ name, required }) => [" ", h("span", { class: required ? "takes needed" : "takes" }, name)]),
        command.options.length > 4 && [" ", h("span", { class: "takes" }, `+${command.options.length - 4}`)],
      ],
    };
  }

  // Files

  take(files) {
    if (!files.length || !this.may) return;
    if (this.command) this.command.take(files); else this.files.add(files);
    if (!this.command) this.focus();
  }

  paste(event) {
    const { files } = event.clipboardData ?? {};
    if (!files?.length || (this.command && !this.command.fileOption())) return;
    event.preventDefault();
    this.take(files);
  }

  dropSentence() {
    if (!this.may) return null;
    if (!this.command) return `Drop files to add them to your message in ${this.world.channel?.name}`;
    const option = this.command.fileOption();
    return option && `Drop a file for ${option.name} of /${this.command.path}`;
  }

  // Replies

  /** Answers a message; null takes that back. */
  reply(message, focus = true) {
    this.replying = message;
    this.bar.hidden = !message;
    this.bar.replaceChildren();
    if (message) {
      const name = this.world.person(message.author_id)?.display_name ?? message.author;
      this.bar.append(h("span", {}, "Replying to ", h("b", {}, name)),
        cross("Stop replying", () => this.reply(null)));
      if (focus && this.command) this.drop();
    }
    if (focus) this.focus();
  }

  focus() {
    if (!this.command) this.box.focus();
    else if (!this.command.focus()) this.button.focus();
  }

  // Commands

  /** Puts the command into the box instead of the text; null puts the text back. */
  use(command) {
    this.command?.node.remove();
    this.command = command;
    this.palette.close();
    if (command) this.entry.append(command.node);
    this.box.hidden = Boolean(command);
    this.files.node.classList.toggle("away", Boolean(command));
    this.plus.hidden = Boolean(command);
    this.leave.hidden = !command;
    this.grow();
  }

  choose(command, options = {}) {
    // What was typed to find the command is not a message.
    if (this.box.value.startsWith("/")) this.box.value = "";
    const made = new Command(command, this.world, this.palette, {
      leave: () => this.drop(), back: () => this.giveBack(), send: () => this.send(),
      ready: () => this.button.focus(), changed: () => this.say(null),
    });
    this.say(null);
    made.fill(options);
    this.use(made);
    // Typed text goes on in its option, at its end.
    const typed = made.field(Object.keys(options)[0] ?? "");
    if (typed?.input.type !== "text" || typed.picked) this.focus();
    else {
      typed.focus();
      typed.input.setSelectionRange(typed.input.value.length, typed.input.value.length);
    }
    return made;
  }

  /**
   * Opens a slash command with options filled in, files as File objects, and moves focus to what is still needed,
   * else to the send button. Resolves to whether the command is offered here.
   */
  async start(path, options = {}) {
    const words = path.replace(/^\//, "").trim();
    const commands = await this.offered();
    const command = commands.find((one) => one.path === words) ?? commands.find((one) => one.path.startsWith(words + " "));
    if (!command) this.say(`/${words} is not offered to you in this channel.`);
    if (!command || !this.may) return false;
    this.choose(command, {});
    this.command.fill(options);
    this.focus();
    return true;
  }

  drop() {
    if (this.command) this.remember(this.command);
    this.use(null);
    this.box.focus();
  }

  giveBack() {
    const { path } = this.command;
    this.use(null);
    this.box.value = "/" + path;
    this.box.focus();
    this.grow();
    this.suggest();
  }

  // Arrow up in an empty box brings the last command back.
  remember(command) { this.recall = { path: command.path, options: command.filled() }; }

  // Sending

  async send() {
    if (!this.may) return;
    if (this.command) return void await this.sendCommand();
    const text = this.box.value;
    if (!text.trim() && !this.files.all.length) return;
    if (text.startsWith("/") && !text.includes("\n") && !this.files.all.length) {
      const commands = await this.offered();
      if (this.through(`${text} `)) return;
      if (matching(commands, text.slice(1)).length) return void this.suggest();
      return void this.say(`There is no command ${text.split(/\s/)[0]} here.`);
    }
    const over = [...text].length - MOST_CHARACTERS;
    if (over > 0) return void this.say(`A message has at most ${MOST_CHARACTERS} characters; this has ${over} more.`);
    const draft = this.draft();
    const files = Promise.all(draft.files.map(encoded));
    this.put(EMPTY);
    this.box.focus();
    await this.outcome(draft, files.then((all) => this.actions.say(text, all, draft.reply?.id)));
  }

  async sendCommand() {
    const { command } = this;
    if (!command.check()) return;
    const draft = this.draft();
    this.remember(command);
    const values = command.values();
    this.use(null);
    this.box.focus();
    await this.outcome(draft, values.then((options) => this.actions.command(command.path, options)));
  }

  // What was refused comes back, unless something else is being written by now.
  async outcome(draft, done) {
    const { place } = this;
    const busy = setTimeout(() => this.form.classList.add("busy"), 300);
    this.say(null);
    const trouble = await done.catch((error) => `This could not be sent: ${error.message}`);
    clearTimeout(busy);
    this.form.classList.remove("busy");
    if (!trouble) return;
    const back = { ...draft, ...(draft.command && { text: this.box.value }) };
    if (place !== this.place) {
      const other = this.drafts.get(place);
      if (!other || (!other.text && !other.command && !other.files.length)) this.drafts.set(place, back);
      return;
    }
    if (draft.command ? !this.command : this.clean) {
      const here = this.form.contains(document.activeElement) || document.activeElement === document.body;
      this.put(back);
      if (here) this.focus();
    }
    this.say(trouble);
  }

  say(text) { this.says.textContent = text ?? ""; }
}
