// Discord's Markdown into DOM nodes. What a text holds is text, and never HTML.

import { h } from "../dom.js";
import { parse } from "./marks.js";
import { covered } from "./spoiler.js";
import { stamp } from "./times.js";

const TAGS = { b: "strong", i: "em", u: "u", s: "s", quote: "blockquote", code: "code" };

/** The text as Discord's client shows it. With `blocks: false`, as it shows titles. */
export function markdown(text, world, options) {
  return h("div", { class: "text" }, nodes(parse(String(text ?? ""), options), world));
}

/** The text in plain words, on one line, spoilers left out: for previews and names. */
export function plainly(text, world) {
  return words(parse(String(text ?? "").slice(0, 300)), world).replace(/\s+/g, " ").trim().slice(0, 150);
}

function nodes(tree, world) { return tree.map((mark) => (typeof mark === "string" ? mark : node(mark, world))); }

function node(mark, world) {
  const within = () => nodes(mark.c, world);
  switch (mark.t) {
    case "spoiler": return covered(within(), "spoiler");
    // The page's own heading is the first of all; a message's come after it.
    case "h": return h("h" + (mark.level + 1), { class: "size-" + mark.level }, within());
    case "sub": return h("small", {}, within());
    case "list": return list(mark, world);
    case "code": return h("code", {}, mark.text);
    case "pre": return h("pre", {}, h("code", { data: mark.language && { language: mark.language } }, mark.text));
    case "link": return link(mark.url, mark.c ? within() : mark.url, mark.title);
    case "time": return stamp(mark.seconds, mark.style, world);
    case "channel": return channel(mark.id, world);
    case "command": return command(mark.path);
    case "emoji": return h("span", { class: "emoji", title: `:${mark.name}:` }, `:${mark.name}:`);
    case "role": return role(mark.id, world);
    case "user": case "place": case "everyone": return h("span", { class: "mention" }, name(mark, world));
    default: return h(TAGS[mark.t], {}, within());
  }
}

// A list keeps the numbers that it was written with, however wide they are.
function list({ start, items }, world) {
  const node = h(start === null ? "ul" : "ol", { start: start === null || start === 1 ? null : start }, items.map((item) => h("li", {}, nodes(item, world))));
  if (start !== null) node.style.setProperty("--digits", String(start + items.length - 1).length);
  return node;
}

/** A link that leaves the page. */
export function link(url, children, title) {
  return h("a", { href: url, target: "_blank", rel: "noreferrer noopener", title: title ?? url }, children);
}

function channel(id, world) {
  const known = world.visible?.some((one) => one.id === id);
  if (!known) return h("span", { class: "mention" }, name({ t: "channel", id }, world));
  return h("button", { type: "button", class: "mention", on: { click: () => world.go(id) } }, name({ t: "channel", id }, world));
}

function command(path) {
  const asked = () => document.dispatchEvent(new CustomEvent("command-mention", { detail: { path } }));
  return h("button", { type: "button", class: "mention", on: { click: asked } }, "/" + path);
}

function role(id, world) {
  const node = h("span", { class: "mention" }, name({ t: "role", id }, world));
  const colour = world.role(id)?.colour;
  if (colour) {
    node.classList.add("tinted");
    node.style.setProperty("--tint", hex(colour));
  }
  return node;
}

/** A colour's number as CSS. */
export const hex = (colour) => "#" + colour.toString(16).padStart(6, "0");

function name(mark, world) {
  switch (mark.t) {
    case "user": return "@" + (world.person(mark.id)?.display_name ?? "unknown-user");
    case "role": return "@" + (world.role(mark.id)?.name ?? "deleted-role");
    case "channel": return "#" + (world.channelOf(mark.id)?.name ?? "unknown");
    case "place": return { browse: "Browse Channels", customize: "Channels & Roles", guide: "Server Guide" }[mark.id] ?? "Linked Roles";
    default: return mark.text;
  }
}

function words(tree, world) {
  return tree.map((mark) => {
    if (typeof mark === "string") return mark;
    switch (mark.t) {
      case "spoiler": return "▒▒▒";
      case "list": return mark.items.map((item) => ` ${words(item, world)} `).join("");
      case "code": case "pre": return ` ${mark.text} `;
      case "link": return mark.c ? words(mark.c, world) : mark.url;
      case "time": return stamp(mark.seconds, mark.style, world).textContent;
      case "command": return "/" + mark.path;
      case "emoji": return `:${mark.name}:`;
      case "user": case "role": case "channel": case "place": case "everyone": return name(mark, world);
      default: return words(mark.c, world) + (mark.t === "h" || mark.t === "sub" || mark.t === "quote" ? " " : "");
    }
  }).join("");
}
