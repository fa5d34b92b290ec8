// The sandbox's own tools: clock, faults, wire.

import { h } from "../dom.js";

export function showTools(root, world) {
  const clock = h("div", { class: "quiet" });
  root.append(clock, h("button", { type: "button", on: { click: () => world.call("POST clock", { by_seconds: 3600 }) } }, "An hour on"));
  world.on("clock", () => { clock.textContent = world.now().toUTCString(); });
}
