// The components of messages, V2 and the older rows, into DOM nodes.

import { h } from "../dom.js";
import { button } from "./buttons.js";
import { hex, markdown } from "./markdown.js";
import { file, gallery, medium, picture } from "./media.js";
import { select } from "./selects.js";
import { covered } from "./spoiler.js";

/** The components as nodes. `act(custom_id, values)` presses or chooses; kinds unknown here say so. */
export function components(list, world, act) {
  return (list ?? []).map((one) => draw(one, world, act)).filter(Boolean);
}

function draw(c, world, act) {
  switch (c.type) {
    case 1: return h("div", { class: "row" }, components(c.components, world, act));
    case 2: return button(c, world, act);
    case 3: case 5: case 6: case 7: case 8: return select(c, world, act);
    case 9: return section(c, world, act);
    case 10: return markdown(c.content, world);
    case 11: return picture(medium(c.media, c.description, c.spoiler), "thumbnail");
    case 12: return gallery(c.items.map((one) => medium(one.media, one.description, one.spoiler)));
    case 13: return file({ ...medium(c.file, null, c.spoiler, c.name), size: c.size });
    case 14: return h("hr", { role: c.divider === false ? "presentation" : null, class: `${c.spacing === 2 ? "wide" : ""} ${c.divider === false ? "blank" : ""}` });
    case 17: return container(c, world, act);
    default: return h("p", { class: "quiet" }, `A component of kind ${c.type}, which the sandbox does not draw.`);
  }
}

function section(c, world, act) {
  return h("div", { class: "section" }, h("div", { class: "said" }, components(c.components, world, act)),
    c.accessory && h("div", { class: "accessory" }, draw(c.accessory, world, act)));
}

function container(c, world, act) {
  const inside = components(c.components, world, act);
  const accented = c.accent_color != null;
  const card = h("div", { class: accented ? "container accented" : "container" }, c.spoiler ? covered(inside, "veil") : inside);
  if (accented) card.style.setProperty("--accent-line", hex(c.accent_color));
  return card;
}
