// The sandbox's page: channels, messages and commands, as one of the sandbox's members.

import { get, post } from "./api.js";
import { file, renderComponents } from "./components.js";
import { Composer, flatten } from "./composer.js";
import { markdown } from "./markdown.js";
import { askModal } from "./modal.js";

const $ = (id) => document.getElementById(id);
let state = { members: [], channels: [], servers: [], roles: [], commands: [], clock: "" };
let who = sessionStorage.getItem("who") ?? "member";
let channel = sessionStorage.getItem("channel");
const shown = new Map(); // messages of this channel by id
const names = new Map(); // ids of people, roles and channels

function says(text, bad = false) {
  $("says").textContent = text;
  $("says").className = bad ? "bad" : "";
}

async function loadState() {
  const answer = await get("state");
  if (answer.error) return says(answer.error, true);
  state = answer;
  names.clear();
  for (const m of state.members) names.set(m.id, m.display_name ?? m.name);
  for (const r of state.roles) names.set(r.id, r.name);
  for (const c of state.channels) names.set(c.id, c.name);
  $("who").replaceChildren(...state.members.filter((m) => !m.bot).map((m) => new Option(m.display_name ?? m.name, m.name, false, m.name === who)));
  showClock(state.clock);
  showChannels();
}

function showClock(text) {
  if (!text) return;
  $("clock").textContent = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(new Date(text)) + " UTC";
}

function visible() { return state.channels.filter((c) => c.visible_to.includes(who)); }

function showChannels() {
  const mine = visible();
  if (!mine.some((c) => c.id === channel)) channel = mine.find((c) => c.server)?.id ?? mine[0]?.id;
  const groups = Map.groupBy ? Map.groupBy(mine, (c) => c.server) : mine.reduce((m, c) => m.set(c.server, [...(m.get(c.server) ?? []), c]), new Map());
  $("channels").replaceChildren(...[...groups].flatMap(([server, list]) => {
    const heading = Object.assign(document.createElement("h2"), { textContent: server ?? "Direct messages" });
    return [heading, ...list.map((c) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: (c.server ? "# " : "") + c.name + (c.nsfw ? " (18+)" : "") });
      if (c.id === channel) button.setAttribute("aria-current", "true");
      button.onclick = () => { channel = c.id; sessionStorage.setItem("channel", c.id); showChannels(); loadMessages(); };
      return button;
    })];
  }));
  const now = state.channels.find((c) => c.id === channel);
  $("channel").textContent = now ? "# " + now.name : "";
  $("note").textContent = [now?.topic, now?.nsfw ? "Age-restricted." : ""].filter(Boolean).join(" ");
}

async function loadMessages() {
  const answer = await get(`messages?channel=${channel}&as=${who}`);
  shown.clear();
  $("messages").replaceChildren();
  for (const message of answer.messages ?? []) showMessage(message);
  says(answer.error ?? "", Boolean(answer.error));
}

function showMessage(message) {
  if (message.channel_id !== channel) return;
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const node = document.createElement("li");
  node.className = message.ephemeral ? "message ephemeral" : "message";
  node.dataset.id = message.id;
  const head = Object.assign(document.createElement("div"), { className: "who-said", textContent: names.get(message.author_id) ?? message.author });
  const when = new Date(message.timestamp);
  head.append(small("when", new Intl.DateTimeFormat("en-GB", { timeStyle: "short" }).format(when) + (message.edited ? " (edited)" : "")));
  if (message.ephemeral) head.append(small("only", "Only you can see this"));
  if (message.command) head.append(small("only", `${message.invoked_by} used /${message.command}`));
  node.append(head);
  if (message.loading) node.append(small("only", "thinking…"));
  if (message.content) node.append(markdown(message.content, names));
  for (const embed of message.embeds ?? []) node.append(showEmbed(embed));
  const press = (custom_id, values) => perform("press", { as: who, message: message.id, custom_id, ...(values && { values }) });
  node.append(...renderComponents(message.components, names, press));
  if (!(message.flags & (1 << 15))) for (const one of message.attachments ?? []) node.append(file(one.url, one.filename));
  const menus = state.commands.filter((c) => c.type === 3);
  if (menus.length && !message.ephemeral) {
    const apps = Object.assign(document.createElement("button"), { type: "button", className: "apps", textContent: "Apps", title: menus.map((m) => m.name).join(", ") });
    apps.onclick = () => chooseMenu(apps, message, menus);
    node.append(apps);
  }
  const old = shown.get(message.id);
  if (old) old.replaceWith(node); else list.append(node);
  shown.set(message.id, node);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function chooseMenu(apps, message, menus) {
  const row = document.createElement("div");
  row.className = "row";
  for (const menu of menus) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: menu.name });
    button.onclick = () => { row.remove(); perform("menu", { as: who, message: message.id, name: menu.name }); };
    row.append(button);
  }
  apps.parentNode.querySelector(":scope > .row.menu")?.remove();
  row.classList.add("menu");
  apps.before(row);
}

function showEmbed(embed) {
  const node = Object.assign(document.createElement("div"), { className: "embed" });
  for (const text of [embed.title && `**${embed.title}**`, embed.description, ...(embed.fields ?? []).map((f) => `**${f.name}**\n${f.value}`), embed.footer?.text]) if (text) node.append(markdown(text, names));
  return node;
}

function small(name, text) { return Object.assign(document.createElement("span"), { className: name, textContent: text }); }

async function perform(kind, body) {
  if (kind === "unknown") return says(`There is no command ${body.content.split(" ")[0]} here.`, true);
  says(kind === "say" ? "" : "…");
  const answer = await post(kind, body);
  if (answer.error) {
    await loadMessages(); // a select shows what the bot's message says, not what was refused
    return says(answer.error, true);
  }
  says(answer.ms == null ? "" : `Answered in ${Math.round(answer.ms)} ms.`);
  for (const message of answer.messages ?? []) showMessage(message);
  if (answer.modal) {
    const values = await askModal(answer.modal, names);
    if (values) await perform("submit", { as: who, interaction: answer.modal.interaction, values });
  }
  return undefined;
}

async function follow() {
  let after = 0;
  for (;;) {
    try {
      const answer = await get(`events?after=${after}&as=${who}`);
      if (answer.error) throw new Error(answer.error);
      after = answer.last ?? after;
      let stale = false;
      for (const event of answer.events ?? []) {
        if (event.kind === "delete") { shown.get(event.message_id)?.remove(); shown.delete(event.message_id); }
        else if (event.message) showMessage(event.message);
        else if (event.kind !== "react") stale = true;
      }
      if (stale) await loadState();
    } catch {
      says("The sandbox is gone. Start it again with make try.", true);
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

const composer = new Composer(() => ({
  as: who,
  channel,
  commands: flatten(state.commands.filter((c) => !c.offered_to || c.offered_to.includes(who))),
  channels: visible().filter((c) => c.server).map((c) => ({ name: "#" + c.name, value: c.id })),
  roles: state.roles.filter((r) => r.server === state.channels.find((c) => c.id === channel)?.server).map((r) => ({ name: "@" + r.name, value: r.id })),
}), perform);

$("who").addEventListener("change", async (event) => {
  who = event.target.value;
  sessionStorage.setItem("who", who);
  composer.clear();
  showChannels();
  await loadMessages();
});
for (const [id, seconds] of [["hour", 3600], ["day", 86400]]) $(id).addEventListener("click", async () => showClock((await post("clock", { by_seconds: seconds })).clock));

await loadState();
await loadMessages();
follow();
