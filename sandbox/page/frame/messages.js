// The messages of the channel that the visitor is in.

import { drawMessage } from "../draw/message.js";
import { h } from "../dom.js";

export class Messages {
  constructor(root, world, actions) {
    this.world = world;
    this.actions = actions;
    this.shown = new Map();
    this.list = h("ol", { class: "messages", aria: { live: "polite" } });
    root.append(this.list);
    world.on("place", () => this.load());
    world.on("message", (message) => this.show(message));
    world.on("delete", (event) => { this.shown.get(event.message_id)?.remove(); this.shown.delete(event.message_id); });
  }

  async load() {
    const channel = this.world.channelId;
    const answer = await this.world.call("GET messages");
    if (channel !== this.world.channelId) return;
    this.shown.clear();
    this.list.replaceChildren();
    for (const message of answer.messages ?? []) this.show(message);
    this.list.scrollTop = this.list.scrollHeight;
  }

  show(message) {
    if (message.channel_id !== this.world.channelId) return;
    const node = drawMessage(message, this.world, {
      press: (...what) => this.actions.press(...what),
      menu: (about, anchor) => this.menu(about, anchor),
      reply: () => {},
      jump: (id) => this.shown.get(id)?.scrollIntoView(),
    });
    const old = this.shown.get(message.id);
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    if (old) old.replaceWith(node); else this.list.append(node);
    this.shown.set(message.id, node);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  async menu(message, anchor) {
    const menus = (await this.world.offers).filter((one) => one.type === 3);
    anchor.after(...menus.map((one) => h("button", { type: "button", on: { click: () => this.actions.menu(message, one.name) } }, one.name)));
  }
}
