// Selects of options, or of channels (8), roles (6), people (5) or both (7), whose options are the world's.

import { h } from "../dom.js";

/** `act(custom_id, values)` is called with what was chosen; in forms there is none and `values()` tells. */
export function select(c, world, act) {
  const many = (c.max_values ?? 1) > 1;
  const options = c.options ?? choices(c, world);
  const node = h("select", { multiple: many, disabled: c.disabled, data: { customId: c.custom_id }, size: many ? Math.min(options.length, 7) : null, aria: { label: c.placeholder ?? "Choose" } });
  if (!many) node.append(Object.assign(new Option(c.placeholder ?? "Choose…", ""), { disabled: c.min_values !== 0 && Boolean(act) }));
  for (const option of options) {
    const text = option.description ? `${option.label} — ${option.description}` : option.label;
    node.append(new Option(text, option.value, Boolean(option.default), Boolean(option.default)));
  }
  if (!many && !options.some((option) => option.default)) node.selectedIndex = 0;
  node.values = () => [...node.selectedOptions].map((one) => one.value).filter(Boolean);
  if (act) node.addEventListener("change", () => act(c.custom_id, node.values()));
  return node;
}

function choices(c, world) {
  const people = () => world.people.map((one) => ({ value: one.id, label: one.display_name }));
  const roles = () => world.roles.map((one) => ({ value: one.id, label: "@" + one.name }));
  if (c.type === 5) return people();
  if (c.type === 6) return roles();
  if (c.type === 7) return [...people(), ...roles()];
  return world.channels.map((one) => ({ value: one.id, label: "#" + one.name }));
}
