// Servers, channels, and who the visitor is.

import { h } from "../dom.js";

export function showSide(root, world) {
  const draw = () => {
    const servers = [...new Set(world.visible.map((one) => one.server))];
    root.replaceChildren(
      h("label", { class: "who" }, "You are", h("select", { id: "who", on: { change: (event) => world.be(event.target.value) } },
        world.state.members.filter((one) => !one.bot).map((one) => new Option(one.display_name, one.name, false, one.name === world.name)))),
      ...servers.flatMap((server) => [h("h2", {}, server ?? "Direct messages"), ...world.visible.filter((one) => one.server === server).map((one) =>
        h("button", { type: "button", aria: { current: one.id === world.channelId ? "true" : null }, on: { click: () => world.go(one.id) } }, "# " + one.name))]));
  };
  world.on("state", draw);
  world.on("place", draw);
}
