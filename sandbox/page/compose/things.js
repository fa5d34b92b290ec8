// People, roles and channels as lists offer them.

const CATEGORY = 4;
const VOICE = [2, 13];

/** `kind` is "user", "role", "mentionable" or "channel"; `types` narrows channels. */
export function things(kind, world, types = []) {
  if (kind === "user") return people(world);
  if (kind === "role") return roles(world);
  if (kind === "mentionable") return [...people(world), ...roles(world)];
  return world.channels.filter((one) => !types?.length || types.includes(one.type)).map((one) => ({
    value: one.id, label: one.name, note: one.parent ?? undefined, find: "#" + one.name,
    icon: { text: one.type === CATEGORY ? "▾" : VOICE.includes(one.type) ? "♪" : "#" }, prefix: "#",
  }));
}

function people(world) {
  return world.people.map((one) => ({
    value: one.id, label: one.display_name, note: one.display_name === one.name ? undefined : one.name, find: `@${one.name}`,
    icon: { person: one }, prefix: "@",
  }));
}

function roles(world) {
  return world.roles.map((one) => ({
    value: one.id, label: "@" + one.name.replace(/^@/, ""), note: "Role", find: one.name.replace(/^@/, ""),
    icon: { text: "", round: true, hue: one.colour ? "#" + one.colour.toString(16).padStart(6, "0") : "var(--quiet)" },
  }));
}

/** The items that a person looks for with these words: those that begin so first. */
export function fitting(items, typed) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return items;
  const rank = (item) => {
    const names = [item.label, item.find, item.note].filter(Boolean).map((name) => name.toLowerCase());
    return names.some((name) => name.startsWith(wanted)) ? 0 : names.some((name) => name.includes(wanted)) ? 1 : 2;
  };
  return ranked(items, rank, 2);
}

/** Those that rank below `end`, the lowest first; equals stay in their order. */
export function ranked(items, rank, end) {
  return items.map((item) => [rank(item), item]).filter(([at]) => at < end).sort((a, b) => a[0] - b[0]).map(([, item]) => item);
}
