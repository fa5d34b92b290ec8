// The channel's name and topic.

import { h } from "../dom.js";

export function showHead(root, world) {
  world.on("place", () => root.replaceChildren(
    h("h1", {}, "# " + (world.channel?.name ?? "")),
    h("span", { class: "quiet" }, [world.channel?.topic, world.channel?.nsfw && "Age-restricted."].filter(Boolean).join(" "))));
}
