// One message.

import { h } from "../dom.js";
import { components, fileLink } from "./components.js";
import { markdown } from "./markdown.js";

const COMPONENTS_V2 = 1 << 15;

/**
 * The message as a list item. `acts` is {press(message, custom_id, values), menu(message, anchor), reply(message), jump(message_id)};
 * `joined` says that it follows the same author's and needs no head.
 */
export function drawMessage(message, world, acts, joined = false) {
  const person = world.person(message.author_id);
  const time = new Date(message.timestamp);
  return h("li", { class: ["message", message.ephemeral && "ephemeral", joined && "joined"].filter(Boolean).join(" "), data: { id: message.id } },
    message.command && h("div", { class: "used" }, `${message.invoked_by} used /${message.command}`),
    h("div", { class: "head" },
      h("strong", { style: null }, person?.display_name ?? message.author),
      person?.bot && h("span", { class: "badge" }, "APP"),
      h("time", { datetime: time.toISOString() }, new Intl.DateTimeFormat("en-GB", { timeStyle: "short" }).format(time)),
      message.edited && h("span", { class: "quiet" }, "(edited)")),
    message.loading && h("p", { class: "quiet" }, `${person?.display_name} is thinking…`),
    message.content && markdown(message.content, world),
    message.embeds.map((embed) => drawEmbed(embed, world)),
    components(message.components, world, (custom_id, values) => acts.press(message, custom_id, values)),
    !(message.flags & COMPONENTS_V2) && message.attachments.map((one) => fileLink(one.url, one.filename)),
    message.ephemeral && h("p", { class: "quiet" }, "Only you can see this"),
    h("button", { type: "button", class: "more", aria: { label: "More", haspopup: "menu" }, on: { click: (event) => acts.menu(message, event.currentTarget) } }, "⋯"));
}

function drawEmbed(embed, world) {
  return h("div", { class: "embed" },
    [embed.title && `**${embed.title}**`, embed.description, ...(embed.fields ?? []).map((f) => `**${f.name}**\n${f.value}`), embed.footer?.text]
      .filter(Boolean).map((text) => markdown(text, world)));
}
