// The menu of a message: the bot's commands first, then what one does with any message.

import { notice } from "./say.js";

const MESSAGE_COMMAND = 3;
const REACTIONS = ["👍", "❤️", "😂", "😮"];

/** The items, as `openMenu` takes them. */
export async function itemsAbout(message, world, actions, acts) {
  const apps = (await world.offers).filter((one) => one.type === MESSAGE_COMMAND);
  const own = message.author === world.name;
  const mayDelete = message.ephemeral || own || (world.server && world.may("manage_messages"));
  const did = async (promise) => notice(await promise);
  const reacted = (emoji) => (message.reactions[emoji] ?? []).includes(world.name);
  const text = source(message);
  return [
    apps.length > 0 && { heading: "Apps" },
    ...apps.map((one) => ({ label: one.name, run: () => did(actions.menu(message, one.name)) })),
    apps.length > 0 && { heading: "Message" },
    !message.ephemeral && acts.reply && { label: "Reply", run: () => acts.reply(message) },
    text && { label: "Copy text", run: () => copy(text) },
    ...(message.ephemeral ? [] : REACTIONS.map((emoji) => ({
      label: emoji, name: `React with ${emoji}`, pressed: reacted(emoji), run: () => did(actions.react(message, emoji, reacted(emoji))),
    }))),
    mayDelete && { label: message.ephemeral ? "Dismiss message" : "Delete message", danger: true, run: () => did(actions.delete(message)) },
  ].filter(Boolean);
}

// The text as it was written: content, and the text displays of components.
function source(message) {
  const walk = (list) => (list ?? []).flatMap((one) => [one.content, ...walk(one.components)]);
  const embeds = message.embeds.flatMap((one) => [one.title, one.description]);
  return [message.content, ...walk(message.components), ...embeds].filter(Boolean).join("\n\n");
}

async function copy(text) {
  try { await navigator.clipboard.writeText(text); } catch { notice("The browser does not let this page copy."); }
}
