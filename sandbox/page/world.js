// What there is, and as whom and where this page looks at it.

import { Live } from "./live.js";

const EMPTY = { servers: [], channels: [], members: [], roles: [], commands: [], clock: null, bot: { connected: false } };

/**
 * The state of the sandbox, and the visitor's place in it. `on(kind, listener)` tells of:
 * "state" (people, channels, roles, commands), "place" (member, server or channel is another one),
 * "message" and "delete" (of any channel), "clock", "bot", "trace", "line".
 */
export class World {
  constructor() {
    this.state = EMPTY;
    this.listeners = new Map();
    this.name = sessionStorage.getItem("who") ?? "member";
    this.channelId = sessionStorage.getItem("channel");
    this.offers = Promise.resolve([]);
    this.live = new Live({
      event: (event) => this.happened(event),
      trace: (entry) => this.tell("trace", entry),
      line: (state) => this.line(state),
    });
  }

  on(kind, listener) { this.listeners.set(kind, [...(this.listeners.get(kind) ?? []), listener]); }
  tell(kind, detail) { for (const listener of this.listeners.get(kind) ?? []) listener(detail); }

  /** A call of the control API, as the visitor, in this channel, unless the body says otherwise. */
  call(name, body = {}) { return this.live.call(name, { as: this.name, channel: this.channelId, ...body }); }

  async line(state) {
    this.tell("line", state);
    if (state !== "open") return;
    await this.refresh();
    this.follow();
    this.tell("place");
  }

  follow() { return this.live.call("follow", { as: this.name }); }

  async refresh() {
    const answer = await this.live.call("GET state");
    if (answer.error) return;
    this.state = answer;
    this.moved(answer.clock);
    this.settle();
    this.tell("state");
    this.tell("bot", answer.bot);
  }

  // Events come one by one; many of them mean the same fresh look.
  happened(event) {
    if (event.kind === "clock") this.moved(event.clock);
    else if (event.kind === "bot") { this.tell("bot", { ...this.state.bot, connected: event.connected }); }
    else if (event.kind === "delete") this.tell("delete", event);
    else if (event.message) this.tell("message", event.message);
    else this.stale ??= setTimeout(() => { this.stale = undefined; this.refresh(); }, 20);
  }

  moved(clock) {
    if (clock) this.ahead = new Date(clock) - Date.now();
    this.tell("clock");
  }

  /** The sandbox's time. */
  now() { return new Date(Date.now() + (this.ahead ?? 0)); }

  // Place

  get me() { return this.state.members.find((one) => one.name === this.name); }
  get channel() { return this.state.channels.find((one) => one.id === this.channelId); }
  get server() { return this.channel?.server ?? null; }
  /** The channels that the visitor sees, threads and the direct message included. */
  get visible() { return this.state.channels.filter((one) => one.visible_to.includes(this.name)); }

  settle() {
    if (!this.me) this.name = this.state.members.find((one) => !one.bot)?.name;
    const visible = this.visible;
    if (!visible.some((one) => one.id === this.channelId)) {
      // The same name elsewhere serves a visitor better than the first of the list.
      this.channelId = (visible.find((one) => one.server) ?? visible[0])?.id;
    }
    sessionStorage.setItem("who", this.name);
    sessionStorage.setItem("channel", this.channelId);
    this.offers = this.call("GET commands").then((answer) => answer.commands ?? []);
  }

  /** Become another member. */
  async be(name) {
    this.name = name;
    this.settle();
    await this.follow();
    this.tell("place");
  }

  /** Go to a channel, by its id. */
  go(channelId) {
    this.channelId = channelId;
    this.settle();
    this.tell("place");
  }

  // Who and what an id stands for

  person(id) { return this.state.members.find((one) => one.id === id); }
  role(id) { return this.state.roles.find((one) => one.id === id); }
  channelOf(id) { return this.state.channels.find((one) => one.id === id); }
  /** The people, roles and channels of this server, as selects and options offer them. */
  get people() { return this.state.members.filter((one) => !this.server || this.server in one.servers); }
  get roles() { return this.state.roles.filter((one) => one.server === this.server); }
  get channels() { return this.visible.filter((one) => one.server === this.server); }

  /** The colour of a member's name here, as CSS, or null. */
  colour(person) {
    const own = person?.servers[this.server] ?? [];
    const role = this.roles.filter((one) => own.includes(one.name) && one.colour).at(-1);
    return role ? "#" + role.colour.toString(16).padStart(6, "0") : null;
  }
}
