// What the visitor does, as the bot hears of it, and what comes back.

import { sentence } from "./compose/bits.js";
import { askForm } from "./form/form.js";

/**
 * Each method resolves once the bot has answered (its messages come as events of the world), to
 * null or to the sentence that says what went wrong; forms that the bot opens are shown meanwhile.
 * Whoever acts shows the sentence where the visitor looks.
 */
export class Actions {
  constructor(world) {
    this.world = world;
  }

  /** `options` is {name: value}; files as `encoded` makes them. */
  command(command, options) { return this.perform("command", { command, options }); }
  press(message, custom_id, values) { return this.perform("press", { message: message.id, custom_id, ...(values && { values }) }); }
  menu(message, name) { return this.perform("menu", { message: message.id, name }); }
  say(content, files = [], reply_to = undefined) { return this.perform("say", { content, files, reply_to }); }
  delete(message) { return this.perform("delete", { message: message.id }); }
  react(message, emoji, remove = false) { return this.perform("react", { message: message.id, emoji, remove }); }

  async perform(kind, body) {
    // Where it was begun is where it ends, even if the visitor goes elsewhere meanwhile.
    const place = { as: this.world.name, channel: this.world.channelId };
    const answer = await this.world.call("POST " + kind, { ...place, wait: false, ...body });
    for (const message of answer.messages ?? []) this.world.tell("message", message, "answer");
    // The bot's silence comes without a capital and a stop.
    if (answer.error) return sentence(answer.error);
    if (answer.modal) {
      const { interaction } = answer.modal;
      askForm(answer.modal, this.world, (values) => this.perform("submit", { ...place, interaction, values }));
    }
    return null;
  }
}
