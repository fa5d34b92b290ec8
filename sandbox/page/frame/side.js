// Servers, channels, and who the visitor is.

import { h } from "../dom.js";
import { avatar, tile } from "../draw/avatar.js";
import { icon } from "../draw/icons.js";
import { openMenu, toggledShut } from "./menu.js";
import { announce } from "./say.js";

const PUBLIC_THREAD = 11;
const WHAT = {
  member: "Finds and reads fics", moderator: "Manages the library",
  owner: "Owns the server, may do everything", stranger: "Is in another server only",
};

/** `drawer` is {close()}: on a narrow page the side covers the messages until a channel is chosen. */
export function showSide(root, world, drawer) {
  const servers = h("nav", { id: "servers", aria: { label: "Servers" } });
  const title = h("h2", { id: "server" });
  const channels = h("div", { class: "list" });
  const click = () => { if (!toggledShut(me)) who(world, me); };
  const me = h("button", { type: "button", id: "me", aria: { haspopup: "menu", expanded: "false" }, on: { click } });
  root.append(servers, h("div", { class: "column" }, h("nav", { id: "channels", aria: { label: "Channels" } }, title, channels), me));

  const draw = () => {
    redrawn(servers, rail(world));
    title.textContent = world.server ?? "Direct messages";
    redrawn(channels, list(world, drawer));
    const my = world.me;
    if (!my) return;
    me.replaceChildren(avatar(my), h("span", {}, h("small", {}, "You are"), h("strong", {}, my.display_name)), icon("switch"));
    me.setAttribute("aria-label", `You are ${my.display_name}. Be somebody else`);
    me.title = WHAT[my.name] ?? "";
  };
  for (const kind of ["state", "place"]) world.on(kind, draw);
  // Only news of a channel that was not marked yet changes anything here.
  world.on("message", (message, kind) => { if (kind === "message" && world.unread.has(message.channel_id)) draw(); });
}

// Replaces the buttons and keeps the focus on the one that stands for the same.
function redrawn(nav, nodes) {
  const key = nav.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  nav.replaceChildren(...nodes);
  if (key) [...nav.querySelectorAll("button")].find((one) => one.dataset.key === key)?.focus({ preventScroll: true });
}

function rail(world) {
  const names = [...new Set(world.visible.map((one) => one.server).filter(Boolean))];
  const news = (server) => world.visible.some((one) => one.server === server && world.unread.has(one.id));
  const button = (server, key, content, name, go) => h("button", {
    type: "button", class: news(server) ? "unread" : null, title: name, data: { key },
    aria: { label: name, current: world.server === server ? "true" : null, description: news(server) ? "Unread" : null }, on: { click: go },
  }, content);
  return [
    button(null, "direct", icon("at"), "Direct messages", () => world.direct()),
    h("hr", {}),
    ...names.map((name) => button(name, name, tile(name), name, () => {
      const here = world.visible.filter((one) => one.server === name);
      world.go((here.find((one) => one.id === world.visited.get(name)) ?? here[0]).id);
    })),
  ];
}

function list(world, drawer) {
  const here = world.channels;
  const tops = here.filter((one) => one.type !== PUBLIC_THREAD);
  const under = (parent) => here.filter((one) => one.type === PUBLIC_THREAD && one.parent === parent.name);
  return [h("ul", {}, tops.map((one) => h("li", {}, channel(one, world, drawer),
    under(one).length > 0 && h("ul", {}, under(one).map((thread) => h("li", {}, channel(thread, world, drawer)))))))];
}

function channel(one, world, drawer) {
  const thread = one.type === PUBLIC_THREAD;
  const everybody = world.people.filter((person) => !person.bot).length;
  const locked = one.server && one.visible_to.length < everybody;
  const unread = world.unread.has(one.id);
  const notes = [unread && "Unread", thread && "Thread", locked && "Only some see it",
    one.nsfw && !thread && "Age-restricted"].filter(Boolean);
  return h("button", {
    type: "button", class: unread ? "unread" : null, data: { key: one.id }, title: one.topic ?? one.name,
    aria: { current: one.id === world.channelId ? "page" : null, description: notes.join(", ") || null },
    on: { click: () => { world.go(one.id); drawer.close(); } },
  },
  !one.server ? avatar(world.bot, world.titleOf(one)) : icon(thread ? "thread" : locked ? "lock" : "hash"),
  h("span", { class: "name" }, world.titleOf(one)),
  one.nsfw && !thread && h("span", { class: "gate", aria: { hidden: "true" } }, "18+"));
}

// The usual four first, in the order above.
const rank = (one) => (Object.keys(WHAT).indexOf(one.name) + 1) || 9;

function who(world, anchor) {
  openMenu({
    label: "Be somebody else", anchor, up: true,
    items: world.state.members.filter((one) => !one.bot).sort((one, other) => rank(one) - rank(other)).map((one) => ({
      label: one.display_name, note: WHAT[one.name] ?? `In ${Object.keys(one.servers).join(", ")}`, checked: one.name === world.name,
      run: () => become(world, one.name),
    })),
  });
}

/** Become another member, and say who and where that is. */
export async function become(world, name) {
  const before = world.channelId;
  await world.be(name);
  const where = world.channel && world.titleOf(world.channel);
  const moved = before === world.channelId ? "" : " The channel before is not open to you.";
  announce(`You are ${world.me.display_name} now, in ${where}.${moved}`);
}
