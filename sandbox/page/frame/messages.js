// The messages of the channel that the visitor is in.

import { drawMessage } from "../draw/message.js";
import { h } from "../dom.js";
import { icon } from "../draw/icons.js";
import { itemsAbout } from "./about.js";
import { closeMenu, menuAbout, openMenu } from "./menu.js";
import { controls, focusIn, reachable } from "./reach.js";
import { announce, notice } from "./say.js";

const JOINED_MS = 7 * 60_000;
const PAGE = 50;
const NEAR_PX = 60;
const EARLY_PX = 4000;
const LONG_PRESS_MS = 500;
const JUMP_PAGES = 20;

/**
 * Tells the world "loaded" with the messages each time a channel is shown. `composer` is
 * {reply(message), focus()}, as far as it has them.
 */
export class Messages {
  constructor(root, world, actions, composer) {
    Object.assign(this, { world, actions, composer });
    this.clear();
    this.start = h("div", { class: "start" });
    this.list = h("ol", { class: "messages", role: "log", aria: { live: "off" } });
    this.scroller = h("div", { class: "scroller" }, this.start, this.list);
    const click = () => { this.toEnd(); this.latest()?.focus({ preventScroll: true }); };
    this.newest = h("button", { type: "button", class: "newest", hidden: true, on: { click } });
    // It lies over the messages, which go on under the wheel.
    this.newest.addEventListener("wheel", (event) => this.scroller.scrollBy(0, event.deltaY), { passive: true });
    root.append(this.scroller, this.newest);
    this.acts = {
      press: (...what) => this.actions.press(...what),
      menu: (message, anchor) => this.menu(message, anchor),
      reply: (message) => this.composer.reply?.(message),
      jump: (id) => this.jump(id),
      message: (id) => this.shown.get(id)?.message,
    };
    this.keepEnd();
    this.listen();
    world.on("place", () => this.load());
    world.on("state", () => this.renamed());
    world.on("message", (message, kind) => this.happened(message, kind));
    world.on("delete", (event) => this.remove(event.message_id));
    world.on("react", (event) => this.reacted(event));
  }

  clear() {
    this.shown = new Map();
    this.order = [];
    this.more = false;
    this.current = null;
  }

  nameOf(message) { return this.world.person(message.author_id)?.display_name ?? message.author; }

  latest() { return this.shown.get(this.order.at(-1))?.node; }

  // Reading

  async load() {
    const mine = this.loading = {};
    this.names = this.directory();
    const answer = await this.world.call("GET messages");
    if (mine !== this.loading) return;
    if (answer.error) { notice(answer.error); answer.messages = []; }
    const channel = this.world.channel;
    closeMenu();
    this.clear();
    this.list.replaceChildren();
    this.list.setAttribute("aria-label", "Messages in " + (channel ? this.world.titleOf(channel) : "no channel"));
    this.more = answer.more === true;
    this.begin(channel);
    for (const message of answer.messages) this.put(message);
    this.toEnd();
    this.world.tell("loaded", answer.messages);
  }

  // The page before the oldest message shown, without what is in view moving.
  async older() {
    if (!this.more || this.reading) return;
    const mine = this.loading;
    this.reading = true;
    const answer = await this.world.call("GET messages", { before: this.order[0], limit: PAGE });
    this.reading = false;
    if (mine !== this.loading || answer.error) return;
    const anchor = this.inView();
    const top = anchor?.node.getBoundingClientRect().top;
    this.more = answer.more === true;
    this.begin(this.world.channel);
    answer.messages.forEach((message, at, all) => this.put(message, at === all.length - 1));
    // The message may be another drawing by now.
    if (anchor) this.scroller.scrollTop += anchor.node.getBoundingClientRect().top - top;
  }

  inView() {
    const top = this.scroller.getBoundingClientRect().top;
    const id = this.order.find((one) => this.shown.get(one).node.getBoundingClientRect().bottom > top);
    return this.shown.get(id);
  }

  begin(channel) {
    this.start.hidden = this.more || !channel;
    if (this.start.hidden) return;
    const title = this.world.titleOf(channel);
    const topic = channel.topic ? ` ${channel.topic}.` : "";
    this.start.replaceChildren(h("h2", {}, channel.server ? `Welcome to #${title}!` : title),
      h("p", {}, channel.server ? `This is the start of the channel.${topic}` : "This is the start of your direct messages."));
  }

  // Showing

  happened(message, kind) {
    if (message.channel_id !== this.world.channelId) return;
    const before = this.shown.get(message.id);
    // What is older than what is shown comes with its page.
    if (!before && kind === "edit") return;
    this.put(message);
    if (!before && kind === "message" && !this.atEnd) this.offerNewest("New messages");
    const done = !message.loading && (kind === "message" ? !before : before?.message.loading);
    if (done && message.author !== this.world.name) announce(`${this.nameOf(message)}: ${plain(message)}`);
  }

  // With others of its page to come, what follows is left to the last of them.
  put(message, last = true) {
    const known = this.shown.get(message.id);
    if (known) {
      known.message = message;
      this.draw(known);
      return;
    }
    let at = this.order.length;
    while (at > 0 && later(this.order[at - 1], message.id)) at--;
    this.order.splice(at, 0, message.id);
    const entry = { message, joined: this.joins(at, message), day: null, node: null };
    this.shown.set(message.id, entry);
    this.draw(entry);
    const after = this.shown.get(this.order[at + 1]);
    this.list.insertBefore(entry.node, after ? after.day ?? after.node : null);
    this.settle(at);
    if (last) this.settle(at + 1);
    if (!after && !this.list.contains(document.activeElement)) this.makeCurrent(entry);
  }

  remove(id) {
    const entry = this.shown.get(id);
    if (!entry) return;
    if (menuAbout() === id) closeMenu();
    const at = this.order.indexOf(id);
    const next = this.shown.get(this.order[at + 1] ?? this.order[at - 1]);
    const held = entry.node.contains(document.activeElement);
    entry.day?.remove();
    entry.node.remove();
    this.shown.delete(id);
    this.order.splice(at, 1);
    this.settle(at);
    if (this.current === entry) { this.current = null; if (next) this.makeCurrent(next); }
    if (held) if (next) next.node.focus(); else this.composer.focus?.();
  }

  draw(entry) {
    const { message } = entry;
    const node = drawMessage(message, this.world, this.acts, entry.joined);
    if (!node.hasAttribute("role")) node.setAttribute("role", "article");
    if (!node.hasAttribute("aria-label") && !node.hasAttribute("aria-labelledby")) {
      node.setAttribute("aria-label", `${this.nameOf(message)}, ${time(message.timestamp)}`);
    }
    node.dataset.id = message.id;
    reachable(node, entry === this.current);
    if (this.atEnd) this.settleEnd();
    const old = entry.node;
    entry.node = node;
    if (!old) return;
    const focus = focusIn(old);
    old.replaceWith(node);
    focus(node);
  }

  // A message's day divider, and whether it goes on where the one before it stopped.
  settle(at) {
    const entry = this.shown.get(this.order[at]);
    if (!entry) return;
    const before = this.shown.get(this.order[at - 1])?.message;
    const day = dayOf(entry.message);
    if (before ? dayOf(before) === day : this.more) { entry.day?.remove(); entry.day = null; }
    else if (!entry.day) {
      entry.day = h("li", { class: "day", role: "separator", aria: { label: day } }, h("span", {}, day));
      entry.node.before(entry.day);
    }
    const joined = this.joins(at, entry.message);
    if (joined !== entry.joined) { entry.joined = joined; this.draw(entry); }
  }

  joins(at, message) {
    const before = this.shown.get(this.order[at - 1])?.message;
    const passed = before ? new Date(message.timestamp) - new Date(before.timestamp) : -1;
    return passed >= 0 && passed < JOINED_MS
      && before.author_id === message.author_id && before.ephemeral === message.ephemeral
      && !message.reply_to && !message.command && dayOf(before) === dayOf(message);
  }

  reacted({ kind, message_id, emoji, member }) {
    const entry = this.shown.get(message_id);
    if (!entry) return;
    const others = (entry.message.reactions[emoji] ?? []).filter((one) => one !== member);
    const people = kind === "react" ? [...others, member] : others;
    const reactions = { ...entry.message.reactions, [emoji]: people };
    if (!people.length) delete reactions[emoji];
    this.put({ ...entry.message, reactions });
  }

  // Names and colours are part of every drawing.
  renamed() {
    const names = this.directory();
    if (this.names === names) return;
    this.names = names;
    for (const entry of this.shown.values()) this.draw(entry);
  }

  directory() {
    const { members, roles, channels } = this.world.state;
    return JSON.stringify([members, roles, channels.map((one) => [one.id, one.name])]);
  }

  // The end

  keepEnd() {
    this.atEnd = true;
    this.remember();
    const scroller = this.scroller;
    const watch = new ResizeObserver(() => { if (this.atEnd) this.scrollDown(); else this.remember(); });
    watch.observe(scroller);
    watch.observe(this.list);
    scroller.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      const left = scrollHeight - scrollTop - clientHeight;
      // What grows below is no leaving; only scrolling up is, and not what the browser does to fit
      // a place that became another: the observer comes after this and goes to the end again.
      const moved = scrollHeight === this.height && clientHeight === this.room && scrollTop < this.top;
      if (left < NEAR_PX) { this.atEnd = true; this.newest.hidden = true; }
      else if (moved) {
        this.atEnd = false;
        if (this.newest.hidden && left > 2 * clientHeight) this.offerNewest("Back to the newest");
      }
      this.remember();
      // Well before they are wanted, but only for who looks for them.
      if (!this.atEnd && scrollTop < EARLY_PX) this.older();
    }, { passive: true });
  }

  remember() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    Object.assign(this, { top: scrollTop, height: scrollHeight, room: clientHeight });
  }

  // A message drawn anew may be small until it is seen, and as large again before the observer
  // looks: so the end is gone to once more when it stands.
  settleEnd() {
    if (this.settling) return;
    this.settling = true;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      this.settling = false;
      if (this.atEnd) this.scrollDown();
    }));
  }

  scrollDown() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.remember();
    // Where all fits there is nothing to scroll.
    if (this.top === 0 && this.more) this.older();
  }

  offerNewest(label) {
    this.newest.hidden = false;
    this.newest.replaceChildren(label, icon("down"));
  }

  toEnd() {
    this.atEnd = true;
    this.newest.hidden = true;
    this.scrollDown();
  }

  async jump(id) {
    for (let pages = 0; !this.shown.has(id) && this.more && pages < JUMP_PAGES; pages++) await this.older();
    const node = this.shown.get(id)?.node;
    if (!node) return notice("The message is not here any more.");
    this.atEnd = false;
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), 2000);
    return undefined;
  }

  // Keys, and other ways to the menu

  makeCurrent(entry) {
    if (this.current === entry) return;
    if (this.current) reachable(this.current.node, false);
    this.current = entry;
    reachable(entry.node, true);
  }

  listen() {
    const entryOf = (target) => this.shown.get(target.closest?.("[data-id]")?.dataset.id);
    this.list.addEventListener("focusin", (event) => { const entry = entryOf(event.target); if (entry) this.makeCurrent(entry); });
    this.list.addEventListener("keydown", (event) => this.key(event, entryOf(event.target)));
    this.list.addEventListener("contextmenu", (event) => {
      const entry = entryOf(event.target);
      // A link and marked text have a menu of the browser's that is of more use.
      if (!entry || event.target.closest("a[href], input, textarea") || !getSelection().isCollapsed) return;
      event.preventDefault();
      this.menu(entry.message, null, { x: event.clientX, y: event.clientY });
    });
    let press;
    const stop = () => clearTimeout(press);
    this.list.addEventListener("pointerdown", (event) => {
      stop();
      const entry = event.pointerType === "touch" && entryOf(event.target);
      if (entry) press = setTimeout(() => this.menu(entry.message, null, { x: event.clientX, y: event.clientY }), LONG_PRESS_MS);
    });
    for (const kind of ["pointerup", "pointercancel"]) this.list.addEventListener(kind, stop);
    this.list.addEventListener("pointermove", (event) => { if (Math.hypot(event.movementX, event.movementY) > 6) stop(); });
  }

  key(event, entry) {
    if (!entry || event.defaultPrevented) return;
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      this.menu(entry.message, entry.node);
      return;
    }
    const onMessage = event.target === entry.node;
    if (event.key === "Escape") {
      event.preventDefault();
      if (onMessage) { this.toEnd(); this.composer.focus?.(); } else entry.node.focus();
      return;
    }
    if (!onMessage || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.order.indexOf(entry.message.id);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - 8, PageDown: at + 8, Home: 0, End: this.order.length - 1 }[event.key];
    if (to != null) {
      event.preventDefault();
      const next = this.shown.get(this.order[Math.max(0, Math.min(to, this.order.length - 1))]);
      next.node.focus({ preventScroll: true });
      next.node.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      (controls(entry.node).find((one) => !one.disabled && !one.classList.contains("more")) ?? entry.node).focus();
    }
  }

  async menu(message, anchor, at) {
    if (menuAbout() === message.id) return;
    const items = await itemsAbout(message, this.world, this.actions, this.acts);
    if (!this.shown.has(message.id)) return;
    const back = () => (anchor?.isConnected ? anchor : this.shown.get(message.id)?.node);
    openMenu({ label: "Message", items, anchor, at, back, about: message.id });
  }
}

// Ids grow with time; the longer number is the greater one.
const later = (one, other) => one.length - other.length > 0 || (one.length === other.length && one > other);
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const dayOf = (message) => DAY.format(new Date(message.timestamp));
const time = (moment) => TIME.format(new Date(moment));

/** A message's first words without their Markdown, for a live region and for copying. */
export function plain(message, most = 140) {
  const texts = [message.content, ...message.embeds.flatMap((one) => [one.title, one.description])];
  const walk = (list) => { for (const one of list ?? []) { texts.push(one.content); walk(one.components); } };
  walk(message.components);
  const said = texts.filter(Boolean).join(" ")
    .replace(/<\/([^:>]+):\d+>/g, "/$1").replace(/<(?:t:-?\d+[^>]*|[@#][!&]?\d+)>/g, "…").replace(/\]\([^)]*\)/g, "")
    .replace(/(^|\n)-?#+ |[*_~`|>[\]\\]/g, " ").replace(/\s+/g, " ").trim();
  if (!said) return message.attachments.length ? "a file" : "a message";
  return said.length > most ? said.slice(0, most).replace(/\s\S*$/, "") + " …" : said;
}
