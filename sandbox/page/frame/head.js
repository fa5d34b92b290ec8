// Above the messages: where one is, the page's own buttons, and what is wrong with line or bot.

import { h } from "../dom.js";
import { icon } from "../draw/icons.js";
import { keep, kept } from "../store.js";

const LINE = {
  lost: "The connection is lost: the sandbox is gone. Start it again with make try.",
  refused: "The sandbox does not know this page. Open the address that make try printed.",
};

/** `drawer` and `tools` are {button}: what opens and closes the side and the tools. */
export function showHead(root, banners, world, drawer, tools) {
  const place = h("div", { class: "place" });
  const bot = h("span", { class: "bot" });
  root.append(drawer.button, place, bot, themeButton(), tools.button);

  world.on("place", () => {
    const one = world.channel;
    if (!one) return;
    place.replaceChildren(
      one.server ? icon(one.type === 11 ? "thread" : "hash") : icon("at"),
      h("h1", {}, world.titleOf(one)),
      ...(one.nsfw ? [h("abbr", { class: "gate", title: "Age-restricted" }, "18+")] : []),
      ...(one.topic ? [h("p", { class: "topic", title: one.topic }, one.topic)] : []));
    document.title = `${one.server ? "#" : ""}${world.titleOf(one)} · Ficshelf sandbox`;
  });

  // A message about the bot would only be noise while there is no line to anything.
  let line = "open", connected = true;
  const draw = () => {
    const name = world.bot?.display_name ?? "The bot";
    const there = connected && line === "open";
    const said = LINE[line] ?? (connected ? null : `${name} is not connected. Nothing answers until it is back.`);
    if ((banners.firstChild?.textContent ?? null) !== said) {
      banners.replaceChildren(...(said ? [h("p", { role: "alert", class: line === "open" ? "warn" : "bad" }, said)] : []));
    }
    bot.dataset.on = String(there);
    bot.replaceChildren(h("i", { aria: { hidden: "true" } }), h("span", {}, `${name} is ${there ? "" : "not "}connected`));
  };
  world.on("line", (state) => { line = state; draw(); });
  world.on("bot", (state) => { connected = state.connected; draw(); });
}

function themeButton() {
  const system = matchMedia("(prefers-color-scheme: light)");
  const theme = () => document.documentElement.dataset.theme;
  const button = h("button", { type: "button", class: "plain", on: { click: () => {
    const other = theme() === "light" ? "dark" : "light";
    document.documentElement.dataset.theme = other;
    // What the system has anyway is not a choice: the page follows it again.
    keep("theme", other === (system.matches ? "light" : "dark") ? null : other);
    draw();
  } } });
  const draw = () => {
    const name = theme() === "light" ? "Dark theme" : "Light theme";
    button.replaceChildren(icon(theme() === "light" ? "moon" : "sun"));
    button.setAttribute("aria-label", name);
    button.title = name;
  };
  system.addEventListener("change", () => {
    if (kept("theme")) return;
    document.documentElement.dataset.theme = system.matches ? "light" : "dark";
    draw();
  });
  draw();
  return button;
}
