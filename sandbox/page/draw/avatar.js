// Who it is, at a glance: the name's initial on a colour of their own.

import { h } from "../dom.js";

const TONES = 8;

/** A round picture of the person; decoration, as the name always stands beside it. */
export function avatar(person, name = person?.display_name ?? "?") {
  const tone = [...(person?.id ?? name)].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 9973, 7) % TONES;
  return h("span", { class: `avatar tone-${tone}`, aria: { hidden: "true" } }, [...name][0]?.toUpperCase() ?? "?");
}
