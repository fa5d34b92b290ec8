// Who or what it is, at a glance: initials on a colour of their own.

import { h } from "../dom.js";

const TONES = 8;

const tone = (key) => [...key].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 9973, 7) % TONES;

/** A round picture of the person; decoration, as the name always stands beside it. */
export function avatar(person, name = person?.display_name ?? "?") {
  return h("span", { class: `avatar tone-${tone(person?.id ?? name)}`, aria: { hidden: "true" } }, [...name][0]?.toUpperCase() ?? "?");
}

/** The same for a server: up to two letters, without its little words. */
export function tile(name) {
  const letters = name.split(/\s+/).filter((word) => !/^(the|a|of)$/i.test(word)).map((word) => [...word][0]).slice(0, 2);
  return h("span", { class: `tile tone-${tone(name)}`, aria: { hidden: "true" } }, letters.join("").toUpperCase());
}
