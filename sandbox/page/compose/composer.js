// The line at the bottom: messages, files, and slash commands with their options while typing.

import { $, h } from "../dom.js";
import { encoded } from "../live.js";

let palette, box;

// Sub-commands of all commands as {path, description, options}.
export function flatten(commands) {
  const out = [];
  for (const command of commands.filter((c) => (c.type ?? 1) === 1)) walk(command, [command.name], out);
  return out.sort((a, b) => a.path.localeCompare(b.path));
}

function walk(node, path, out) {
  const nested = (node.options ?? []).filter((option) => option.type === 1 || option.type === 2);
  if (!nested.length) out.push({ path: path.join(" "), description: node.description, options: node.options ?? [] });
  for (const child of nested) walk(child, [...path, child.name], out);
}

export class Composer {
  /** Builds itself into `root`. */
  constructor(root, world, actions) {
    this.world = world;
    this.actions = actions;
    this.chosen = null;
    root.append(h("form", { id: "composer", autocomplete: "off" },
      h("ul", { id: "palette", role: "listbox", hidden: true }),
      h("div", { id: "line" },
        h("label", { id: "attach", title: "Attach a file" }, "+", h("input", { id: "files", type: "file", multiple: true, hidden: true })),
        h("div", { id: "command", hidden: true }),
        h("input", { id: "box", aria: { label: "Message" }, placeholder: "Write a message, or / for a command" }),
        h("button", { id: "send", type: "submit" }, "Send")),
      h("div", { id: "attached" }),
      h("p", { id: "says", role: "status" })));
    palette = $("palette");
    box = $("box");
    world.on("place", async () => { this.clear(); this.commands = flatten(await world.offers); });
    box.addEventListener("input", () => this.suggestCommands());
    box.addEventListener("keydown", (event) => this.keys(event, (item) => item.click()));
    $("files").addEventListener("change", () => this.showFiles());
    $("composer").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
  }

  clear() {
    this.chosen = null;
    $("command").hidden = true;
    $("command").replaceChildren();
    box.hidden = false;
    box.value = "";
    $("files").value = "";
    this.showFiles();
    this.close();
  }

  showFiles() {
    $("attached").replaceChildren(...[...$("files").files].map((f) => Object.assign(document.createElement("span"), { className: "file", textContent: f.name })));
  }

  suggestCommands() {
    const typed = box.value;
    if (!typed.startsWith("/")) return this.close();
    const wanted = typed.slice(1).toLowerCase();
    const fits = (this.commands ?? []).filter((c) => c.path.startsWith(wanted) || wanted.startsWith(c.path + " "));
    this.open(fits.map((c) => ({ label: "/" + c.path, note: c.description, choose: () => this.choose(c, typed.slice(c.path.length + 2)) })));
  }

  choose(command, rest = "") {
    this.chosen = command;
    this.close();
    const bar = $("command");
    const name = document.createElement("b");
    name.textContent = "/" + command.path;
    const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×", title: "Another command" });
    drop.onclick = () => { this.clear(); box.focus(); };
    this.fields = command.options.map((option) => this.field(option));
    bar.replaceChildren(name, ...this.fields.map((f) => f.node), drop);
    bar.hidden = false;
    box.hidden = true;
    box.value = "";
    const first = this.fields[0]?.node.querySelector("input, select");
    if (first) { first.focus(); if (rest && first.type === "text") { first.value = rest; first.dispatchEvent(new Event("input")); } } else $("send").focus();
  }

  field(option) {
    const node = document.createElement("label");
    node.append(option.name + (option.required ? " *" : ""));
    node.title = option.description;
    const channels = this.world.channels.map((c) => ({ name: "#" + c.name, value: c.id }));
    const roles = this.world.roles.map((r) => ({ name: "@" + r.name, value: r.id }));
    let input;
    const list = option.choices ?? { 5: [{ name: "true", value: "true" }, { name: "false", value: "false" }], 7: channels, 8: roles }[option.type];
    if (list) {
      input = document.createElement("select");
      input.append(new Option(option.required ? "Choose…" : "–", ""), ...list.map((c) => new Option(c.name, c.value)));
    } else {
      input = document.createElement("input");
      input.type = option.type === 11 ? "file" : "text";
      input.placeholder = option.description;
      if (option.autocomplete) this.autocomplete(option, input);
    }
    input.setAttribute("aria-label", option.name);
    node.append(input);
    const read = async () => {
      if (option.type === 11) return input.files[0] && encoded(input.files[0]);
      const raw = input.dataset.value ?? input.value;
      if (raw === "") return undefined;
      return option.type === 4 || option.type === 10 ? Number(raw) : option.type === 5 ? raw === "true" : raw;
    };
    return { option, node, input, read };
  }

  autocomplete(option, input) {
    let asked = 0;
    const ask = async () => {
      delete input.dataset.value;
      const mine = ++asked;
      const answer = await this.world.call("POST autocomplete", { command: this.chosen.path, options: await this.values(), focused: option.name });
      if (mine !== asked || document.activeElement !== input) return;
      this.open((answer.choices ?? []).map((c) => ({ label: c.name, note: "", choose: () => { input.value = c.name; input.dataset.value = c.value; this.close(); input.focus(); } })));
    };
    input.addEventListener("input", ask);
    input.addEventListener("focus", () => { if (!input.dataset.value) ask(); });
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    input.addEventListener("keydown", (event) => this.keys(event, (item) => item.click()));
  }

  async show(answer) { $("says").textContent = (await answer) ?? ""; }

  async values() {
    const options = {};
    for (const { option, read } of this.fields) { const value = await read(); if (value !== undefined) options[option.name] = value; }
    return options;
  }

  async send() {
    if (this.chosen) {
      const missing = this.fields.find((f) => f.option.required && !f.input.value);
      if (missing) return missing.input.focus();
      const [path, options] = [this.chosen.path, await this.values()];
      this.clear();
      return this.show(this.actions.command(path, options));
    }
    if (box.value.startsWith("/")) {
      const first = palette.querySelector("li");
      return first && !palette.hidden ? first.click() : this.show(`There is no command ${box.value.split(" ")[0]} here.`);
    }
    const files = await Promise.all([...$("files").files].map(encoded));
    if (!box.value.trim() && !files.length) return undefined;
    const content = box.value;
    this.clear();
    return this.show(this.actions.say(content, files));
  }

  open(items) {
    palette.replaceChildren(...items.map(({ label, note, choose }) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.append(label, Object.assign(document.createElement("span"), { textContent: note }));
      item.onmousedown = (event) => event.preventDefault();
      item.onclick = choose;
      return item;
    }));
    palette.hidden = !items.length;
  }

  close() { palette.hidden = true; palette.replaceChildren(); }

  keys(event, choose) {
    if (palette.hidden) return;
    const items = [...palette.children];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length];
      items.forEach((item) => item.removeAttribute("aria-selected"));
      next.setAttribute("aria-selected", "true");
      next.scrollIntoView({ block: "nearest" });
    } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
      event.preventDefault();
      choose(items[at]);
    } else if (event.key === "Escape") {
      this.close();
    }
  }
}

