// Trouble on demand, to watch the bot cope.

import { h } from "../dom.js";
import { notice } from "./say.js";

const FAULTS = [
  ["Drop the connection", { kind: "drop_socket" }, "The bot’s line to Discord breaks. It comes back and is told what it missed."],
  ["Reconnect asked", { kind: "reconnect" }, "Discord asks the bot to connect anew, as it does every few hours."],
  ["Rate limit", { kind: "rate_limit", retry_after: 2 }, "The bot’s next request is told to wait two seconds."],
  ["502", { kind: "status", status: 502 }, "The next request fails, and nothing has come of it."],
  ["Stored, then 502", { kind: "stored_then_502" }, "The next request works, but the answer says that it failed."],
  ["No answer", { kind: "hang" }, "The next request is never answered."],
];

/** {name, node, watch(on)}: a tab of the tools. */
export function faultsPanel(world) {
  const armed = h("div", { class: "armed", role: "status" });
  const ask = async (name, body) => {
    const answer = await world.call(name, body);
    notice(answer.error);
    if (answer.faults) draw(answer.faults);
  };
  const node = h("div", { class: "panel faults" },
    h("p", { class: "note" }, "Make something go wrong, then use the bot and see how it copes."),
    armed,
    h("ul", {}, FAULTS.map(([name, body, note], at) => h("li", {},
      // Without who and where: a fault is the whole sandbox's.
      h("button", {
        type: "button", aria: { describedby: "fault-" + at },
        on: { click: () => ask("POST fault", { ...body, as: undefined, channel: undefined }) },
      }, name),
      h("p", { class: "note", id: "fault-" + at }, note)))));

  let shown = "";
  function draw(faults) {
    const same = (body, one) => body.kind === one.kind && (body.kind !== "status" || body.status === one.status);
    const lines = faults.map((one) => FAULTS.find(([, body]) => same(body, one))?.[0] ?? one.kind);
    if (shown === lines.join()) return;
    shown = lines.join();
    armed.replaceChildren(...(lines.length ? [
      h("p", {}, "Waiting for the bot’s next request: ", h("strong", {}, lines.join(", ")), "."),
      h("button", { type: "button", on: { click: () => ask("DELETE fault") } }, "Disarm")] : []));
  }
  world.on("state", () => draw(world.state.faults ?? []));
  return { name: "Faults", node, watch: () => {} };
}
