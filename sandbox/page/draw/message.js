// One message.

import { h } from "../dom.js";
import { avatar } from "./avatar.js";
import { doer, dots, emoji } from "./buttons.js";
import { components } from "./components.js";
import { embeds } from "./embeds.js";
import { icon } from "./icons.js";
import { markdown, plainly, tinted } from "./markdown.js";
import { attachments } from "./media.js";
import { uncoverAlike } from "./spoiler.js";
import { told, written } from "./times.js";

const SUPPRESS_EMBEDS = 1 << 2, HAS_THREAD = 1 << 5, COMPONENTS_V2 = 1 << 15;

/**
 * The message as a list item. `acts` is {press(message, custom_id, values) → Promise<null|sentence>,
 * menu(message, anchor), reply(message), jump(message_id), message(id) → message|undefined}; `joined`
 * says that it follows the same author's and needs no head. Drawn again, what was uncovered stays so.
 */
export function drawMessage(message, world, acts, joined = false) {
  const person = world.person(message.author_id);
  const name = person?.display_name ?? message.author;
  const time = new Date(message.timestamp);
  joined &&= !message.command && !message.reply_to;
  const failed = h("div", { class: "failed", role: "alert" });
  const act = (custom_id, values) => pressed(message, acts, custom_id, values, failed);
  const node = h("li", {
    id: "m" + message.id, role: "article", data: { id: message.id }, aria: { label: `${name}, ${told(time, "t")}` },
    class: ["message", joined && "joined", message.ephemeral && "ephemeral", mentions(message, world) && "mentioned"].filter(Boolean).join(" "),
  },
  message.command ? used(message, world) : message.reply_to && reply(message, world, acts),
  joined ? h("time", { class: "margin", datetime: message.timestamp, title: told(time, "F") }, told(time, "t")) : avatar(person, name),
  h("div", { class: "body" },
    !joined && h("div", { class: "head" },
      author(person, name, world), person?.bot && badge(), written(message.timestamp, world)),
    message.loading ? thinking(name) : content(message, world, act),
    failed,
    Object.keys(message.reactions ?? {}).length > 0 && reactions(message, world),
    Boolean(message.flags & HAS_THREAD) && thread(message, world),
    message.ephemeral && only(message, world)),
  bar(message, acts));
  const before = document.getElementById(node.id);
  if (before) uncoverAlike(before, node);
  return node;
}

function author(person, name, world) { return tinted(h("strong", { class: "author" }, name), world.colour(person)); }

function content(message, world, act) {
  const v2 = message.flags & COMPONENTS_V2;
  const text = message.content && markdown(message.content, world);
  const edited = message.edited && h("span", { class: "edited", title: told(new Date(message.edited), "F") }, "(edited)");
  if (text && edited) text.append(" ", edited);
  const shown = message.flags & SUPPRESS_EMBEDS ? [] : message.embeds;
  // A picture that an embed shows is not shown beside it as well.
  const taken = new Set(shown.flatMap((one) => [one.image?.url, one.thumbnail?.url]).filter(Boolean).map((url) => url.split("?")[0]));
  return [
    text,
    !v2 && attachments(message.attachments.filter((one) => !taken.has(one.url.split("?")[0]))),
    embeds(shown, world),
    message.components?.length > 0 && h("div", { class: "components" }, components(message.components, world, act)),
    !text && edited,
  ];
}

function thinking(name) { return h("p", { class: "thinking" }, dots(), `${name} is thinking…`); }

// Above the message: whose command it answers, or which message

function used(message, world) {
  const who = world.state.members.find((one) => one.name === message.invoked_by);
  const name = who?.display_name ?? message.invoked_by;
  const menu = world.state.commands?.some((one) => one.type === 3 && one.name === message.command);
  return h("div", { class: "above" },
    avatar(who, name), author(who, name, world), "used", h("span", { class: "command" }, (menu ? "" : "/") + message.command));
}

function reply(message, world, acts) {
  const source = acts.message?.(message.reply_to);
  const who = source && world.person(source.author_id);
  const name = who?.display_name ?? source?.author;
  const text = source ? preview(source, world) : "A message that is not loaded";
  return h("div", { class: "above" },
    source && [avatar(who, name), who?.bot && badge(), author(who, (message.mentions.includes(source.author) ? "@" : "") + name, world)],
    doer(() => acts.jump(message.reply_to), { class: "preview", aria: { label: source && `Go to ${name}'s message: ${text}` } }, text));
}

function badge() { return h("span", { class: "badge" }, "APP"); }

/** What a message says, on one line. */
export function preview(message, world) {
  return plainly(message.content || firstText(message.components), world)
    || plainly(message.embeds?.[0]?.title ?? message.embeds?.[0]?.description, world)
    || (message.attachments?.length ? "Press to see the attachment" : "Press to see the message");
}

function firstText(list) {
  for (const one of list ?? []) {
    const text = one.type === 10 ? one.content : firstText(one.components);
    if (text) return text;
  }
  return "";
}

// Below it

function reactions(message, world) {
  const called = (name) => world.state.members.find((one) => one.name === name)?.display_name ?? name;
  return h("div", { class: "reactions" }, Object.entries(message.reactions).map(([key, people]) => {
    const [name, id] = key.split(":");
    const mine = people.includes(world.name);
    return people.length > 0 && doer(() => world.call("POST react", { message: message.id, emoji: key, remove: mine }), {
      title: people.map(called).join(", "),
      aria: { pressed: String(mine), label: `${name}, ${people.length} ${people.length === 1 ? "reaction" : "reactions"}` },
    }, emoji({ name, id }), h("span", {}, String(people.length)));
  }));
}

// A thread that hangs on a message has its id.
function thread(message, world) {
  const channel = world.channelOf(message.id);
  return channel && doer(() => world.go(channel.id), { class: "thread" },
    icon("thread"), h("strong", {}, channel.name), h("span", {}, "See thread ›"));
}

function only(message, world) {
  const dismiss = () => world.call("POST delete", { message: message.id });
  return h("p", { class: "only" }, icon("eye"), "Only you can see this · ", doer(dismiss, {}, "Dismiss message"));
}

// What one does with it

function bar(message, acts) {
  return h("div", { class: "bar" },
    !message.ephemeral && doer(() => acts.reply(message), { title: "Reply", aria: { label: "Reply" } }, icon("reply")),
    doer((event) => acts.menu(message, event.currentTarget),
      { class: "more", title: "More", aria: { label: "More", haspopup: "menu" } }, icon("more")));
}

async function pressed(message, acts, custom_id, values, failed) {
  failed.replaceChildren();
  const sentence = await acts.press(message, custom_id, values);
  if (sentence) {
    // Meanwhile the message may have been drawn again.
    const place = document.getElementById("m" + message.id)?.querySelector(".failed") ?? failed;
    place.replaceChildren("This interaction failed.", h("span", { class: "quiet" }, sentence));
  }
  return sentence;
}

function mentions(message, world) {
  if (message.mention_everyone || message.mentions?.includes(world.name)) return true;
  const mine = world.me?.servers[world.server] ?? [];
  return message.mention_roles?.some((role) => mine.includes(role)) ?? false;
}
