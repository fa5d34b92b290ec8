// What there is, and as whom and where this page looks at it.

import { Live } from "./live.js";
import { keep, kept } from "./store.js";

const COMMANDS_MS = 1000;
const EMPTY = { servers: [], channels: [], members: [], roles: [], commands: [], faults: [], clock: null, bot: { connected: false } };

/**
 * The state of the sandbox, and the visitor's place in it. `on(kind, listener)` tells of:
 * "state" (people, channels, roles, commands), "place" (member, server or channel is another one, or
 * the line is back and everything is to be read again), "message" (message, kind: "message" for a new
 * one, "edit", or "answer" for what an action brought) and "delete" and "react" (of any channel),
 * "clock", "bot", "trace", "line".
 */
export class World {
  constructor() {
    this.state = EMPTY;
    this.listeners = new Map();
    this.name = kept("who", true) ?? "member";
    this.channelId = kept("channel", true) ?? null;
    this.unread = new Set();
    this.visited = new Map();
    this.offers = Promise.resolve([]);
    this.lineState = "opening";
    this.live = new Live({
      event: (event) => this.happened(event),
      trace: (entry) => this.tell("trace", entry),
      line: (state) => this.line(state),
    });
  }

  on(kind, listener) { this.listeners.set(kind, [...(this.listeners.get(kind) ?? []), listener]); }
  tell(kind, ...details) { for (const listener of this.listeners.get(kind) ?? []) listener(...details); }

  /** A call of the control API, as the visitor, in this channel, unless the body says otherwise. */
  call(name, body = {}) { return this.live.call(name, { as: this.name, channel: this.channelId, ...body }); }

  // Open only once the sandbox has answered: it may yet refuse the token.
  async line(state) {
    if (state === "open") {
      if (!(await this.refresh())) return;
      this.follow();
      this.arrived();
    }
    this.lineState = state;
    this.tell("line", state);
  }

  follow() { return this.live.call("follow", { as: this.name }); }

  /** Reads the state again; whether there was one. */
  async refresh() {
    const answer = await this.live.call("GET state");
    if (answer.error) return false;
    this.state = answer;
    const before = this.channelId;
    this.settle();
    this.moved(answer.clock);
    this.tell("state");
    this.tell("bot", answer.bot);
    if (before && before !== this.channelId) this.arrived();
    return true;
  }

  // Events come one by one; many of them mean the same fresh look.
  soon() { this.stale ??= setTimeout(() => { this.stale = undefined; this.refresh(); }, 20); }

  happened(event) {
    if (event.message) {
      const { channel_id, author } = event.message;
      if (event.kind === "message" && channel_id !== this.channelId && author !== this.name) this.unread.add(channel_id);
      this.tell("message", event.message, event.kind);
    } else if (event.kind === "delete" || event.kind === "typing") this.tell(event.kind, event);
    else if (event.kind === "react" || event.kind === "unreact") this.tell("react", event);
    else if (event.kind === "clock") this.moved(event.clock);
    else if (event.kind === "next_post" || event.kind === "fault") {
      const { next_post = this.state.next_post, faults = this.state.faults } = event;
      Object.assign(this.state, { next_post, faults });
      this.tell("state");
    }
    else {
      if (event.kind === "bot") {
        this.tell("bot", (this.state.bot = { ...this.state.bot, connected: event.connected }));
        // Its commands may come after it, of which nobody tells.
        setTimeout(() => this.soon(), COMMANDS_MS);
      }
      this.soon();
    }
  }

  moved(clock) {
    if (clock) this.ahead = new Date(clock) - Date.now();
    this.tell("clock");
  }

  /** The sandbox's time. */
  now() { return new Date(Date.now() + (this.ahead ?? 0)); }

  // Place

  get me() { return this.state.members.find((one) => one.name === this.name); }
  get bot() { return this.state.members.find((one) => one.bot); }
  get channel() { return this.state.channels.find((one) => one.id === this.channelId); }
  get server() { return this.channel?.server ?? null; }
  /** The channels that the visitor sees, threads and the direct message included. */
  get visible() { return this.state.channels.filter((one) => one.visible_to.includes(this.name)); }

  // Where the visitor is from now on: where they were, else the same name elsewhere, which serves
  // better than the first of the list, the parent of a thread, a channel of the same server.
  settle() {
    if (!this.me) this.name = this.state.members.find((one) => !one.bot)?.name;
    const visible = this.visible;
    const was = this.channel ?? this.last;
    if (!visible.some((one) => one.id === this.channelId)) {
      const near = visible.filter((one) => one.server && one.server === was?.server);
      const found = near.find((one) => one.name === was.name) ?? near.find((one) => one.name === was.parent)
        ?? visible.find((one) => one.name === was?.name) ?? near[0];
      this.channelId = (found ?? visible.find((one) => one.server) ?? visible[0])?.id ?? null;
    }
    this.last = this.channel;
    this.unread.delete(this.channelId);
    if (this.last) this.visited.set(this.last.server, this.channelId);
    keep("who", this.name, true);
    keep("channel", this.channelId, true);
    this.offers = this.channelId ? this.call("GET commands").then((answer) => answer.commands ?? []) : Promise.resolve([]);
  }

  arrived() { this.tell("place"); }

  /** Become another member. */
  async be(name) {
    this.name = name;
    this.settle();
    const following = this.follow();
    this.arrived();
    await following;
  }

  /** Go to a channel, by its id. */
  go(channelId) {
    this.channelId = channelId;
    this.settle();
    this.arrived();
  }

  /** Go to the visitor's direct message with the bot, which is made by looking at it. */
  async direct() {
    const mine = () => this.visible.find((one) => !one.server);
    if (!mine()) {
      const answer = await this.call("GET messages", { channel: "dm" });
      if (answer.error) return answer.error;
      await this.refresh();
    }
    this.go(mine().id);
    return null;
  }

  // Who and what an id stands for

  person(id) { return this.state.members.find((one) => one.id === id); }
  role(id) { return this.state.roles.find((one) => one.id === id); }
  channelOf(id) { return this.state.channels.find((one) => one.id === id); }
  /** What a channel is called: a direct message has the other one's name. */
  titleOf(channel) { return channel.server ? channel.name : this.bot?.display_name ?? channel.name; }
  /** The people, roles and channels of this server, as selects and options offer them. */
  get people() { return this.state.members.filter((one) => !this.server || this.server in one.servers); }
  get roles() { return this.state.roles.filter((one) => one.server === this.server); }
  get channels() { return this.visible.filter((one) => one.server === this.server); }

  /** Whether the visitor may, in this server: by owning it, or by a role. */
  may(permission) {
    if (this.state.servers.find((one) => one.name === this.server)?.owner === this.name) return true;
    const own = ["@everyone", ...(this.me?.servers[this.server] ?? [])];
    const mine = this.roles.filter((one) => own.includes(one.name)).flatMap((one) => one.permissions);
    return mine.includes(permission) || mine.includes("administrator");
  }

  /** The colour of a member's name here, as CSS, or null. */
  colour(person) {
    const own = person?.servers[this.server] ?? [];
    const role = this.roles.filter((one) => own.includes(one.name) && one.colour).at(-1);
    return role ? "#" + role.colour.toString(16).padStart(6, "0") : null;
  }
}
