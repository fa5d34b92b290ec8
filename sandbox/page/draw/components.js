// Messages and their components (V2 and the older rows) into DOM nodes.

import { markdown } from "./markdown.js";

// `act(custom_id, values)` presses a button or chooses in a select of the message.
export function components(list, world, act) {
  return (list ?? []).map((component) => render(component, world, act)).filter(Boolean);
}

function render(c, world, act) {
  switch (c.type) {
    case 1: return box("row", components(c.components, world, act));
    case 2: return button(c, act);
    case 3: case 5: case 6: case 7: case 8: return select(c, world, act);
    case 9: return box("section", [box("", components(c.components, world, act)), render(c.accessory, world, act)]);
    case 10: return markdown(c.content, world);
    case 11: return image(c.media.url, c.description);
    case 12: return box("gallery", c.items.map((item) => image(item.media.url, item.description)));
    case 13: return fileLink(c.file.url, c.name ?? c.file.url);
    case 14: { const rule = document.createElement("hr"); if (c.divider === false) rule.className = "blank"; return rule; }
    case 17: {
      const card = box(c.spoiler ? "container spoiler" : "container", components(c.components, world, act));
      if (c.spoiler) {
        const uncover = () => card.classList.remove("spoiler");
        Object.assign(card, { tabIndex: 0, title: "Press to uncover", onclick: uncover });
        card.onkeydown = (event) => { if (event.key === "Enter") uncover(); };
      }
      if (c.accent_color != null) card.style.borderLeftColor = "#" + c.accent_color.toString(16).padStart(6, "0");
      return card;
    }
    default: return null;
  }
}

function box(name, children) {
  const node = document.createElement("div");
  node.className = name;
  node.append(...children.filter(Boolean));
  return node;
}

function image(url, description) {
  const node = document.createElement("img");
  node.src = url;
  node.alt = description ?? "";
  return node;
}

export function fileLink(url, name) {
  const node = document.createElement("a");
  node.className = "file";
  node.href = url;
  node.textContent = name;
  return node;
}

function button(c, act) {
  const label = [c.emoji?.name, c.label].filter(Boolean).join(" ");
  if (c.url) {
    const node = document.createElement("a");
    node.className = "button";
    node.href = c.url;
    node.target = "_blank";
    node.rel = "noreferrer noopener";
    node.textContent = label;
    return node;
  }
  const node = document.createElement("button");
  node.type = "button";
  node.className = "style-" + c.style;
  node.textContent = label;
  node.disabled = Boolean(c.disabled);
  node.dataset.customId = c.custom_id;
  node.addEventListener("click", () => act(c.custom_id));
  return node;
}

// A select of options, or of channels (8), roles (6) and users (5), whose options are `world`.
export function select(c, world, act) {
  const node = document.createElement("select");
  const many = (c.max_values ?? 1) > 1;
  node.multiple = many;
  node.disabled = Boolean(c.disabled);
  node.dataset.customId = c.custom_id;
  node.setAttribute("aria-label", c.placeholder ?? "Choose");
  const options = c.options ?? choices(c, world);
  if (many) node.size = Math.min(options.length, 7);
  else {
    const blank = new Option(c.placeholder ?? "Choose…", "");
    blank.disabled = c.min_values !== 0 && Boolean(act);
    node.append(blank);
  }
  for (const option of options) {
    const text = option.description ? `${option.label} — ${option.description}` : option.label;
    node.append(new Option(text, option.value, Boolean(option.default), Boolean(option.default)));
  }
  if (!many && !options.some((option) => option.default)) node.selectedIndex = 0;
  if (act) node.addEventListener("change", () => act(c.custom_id, [...node.selectedOptions].map((o) => o.value).filter(Boolean)));
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
