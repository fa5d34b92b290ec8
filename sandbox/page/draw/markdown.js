// Discord's Markdown into DOM nodes. What a text holds is text, and never HTML.

import { h } from "../dom.js";
import { parse, web } from "./marks.js";
import { covered } from "./spoiler.js";
import { stamp } from "./times.js";

const PLACES = { browse: "Browse Channels", customize: "Channels & Roles", guide: "Server Guide", "linked-roles": "Linked Roles" };
const TAGS = { b: "strong", i: "em", u: "u", s: "s", quote: "blockquote", code: "code" };

/** The text as Discord's client shows it. With `blocks: false`, as it shows titles. */
export function markdown(text, world, options) {
  return h("div", { class: "text" }, nodes(parse(String(text ?? ""), options), world));
}

/** The text in plain words, on one line, spoilers left out: for previews and names. */
export function plainly(text, world) {
  const node = markdown(String(text ?? "").slice(0, 300), world);
  for (const cover of node.querySelectorAll(".covered")) cover.replaceWith("▒▒▒");
  for (const block of node.querySelectorAll("h2, h3, h4, small, li, pre, blockquote")) block.replaceWith(" ", ...block.childNodes, " ");
  return node.textContent.replace(/\s+/g, " ").trim().slice(0, 150);
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
    case "emoji": return h("span", { class: "emoji", title: `:${mark.name}:` }, `:${mark.name}:`);
    case "command": return mention("/" + mark.path, () => asked(mark.path));
    case "channel": return mention("#" + (world.channelOf(mark.id)?.name ?? "unknown"), seen(mark.id, world) && (() => world.go(mark.id)));
    case "user": return mention("@" + (world.person(mark.id)?.display_name ?? "unknown-user"));
    case "role": return tinted(mention("@" + (world.role(mark.id)?.name ?? "deleted-role")), world.role(mark.id)?.colour);
    case "place": return mention(PLACES[mark.id]);
    case "everyone": return mention(mark.text);
    default: return h(TAGS[mark.t], {}, within());
  }
}

const asked = (path) => document.dispatchEvent(new CustomEvent("command-mention", { detail: { path } }));
const seen = (id, world) => world.visible?.some((one) => one.id === id);

// A list keeps the numbers that it was written with, however wide they are.
function list({ start, items }, world) {
  const node = h(start ? "ol" : "ul", { start }, items.map((item) => h("li", {}, nodes(item, world))));
  if (start) node.style.setProperty("--digits", String(start + items.length - 1).length);
  return node;
}

/** A link that leaves the page; what is no address of the web stays words. */
export function link(url, children, title) {
  if (!web(url)) return h("span", {}, children);
  return h("a", { href: url, target: "_blank", rel: "noreferrer noopener", title: title ?? url }, children);
}

/** A name that stands for something; with `press` it is a button. */
function mention(name, press) {
  return h(press ? "button" : "span", { class: "mention", ...(press && { type: "button", on: { click: press } }) }, name);
}

/** A colour's number as CSS. */
export const hex = (colour) => "#" + colour.toString(16).padStart(6, "0");

/** Gives the node a role's colour, as far as it stays legible. */
export function tinted(node, colour) {
  if (colour) {
    node.classList.add("tinted");
    node.style.setProperty("--tint", typeof colour === "number" ? hex(colour) : colour);
  }
  return node;
}
