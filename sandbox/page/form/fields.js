// The fields of a form, one for each of Discord's types: {node, focus(), check(), value(), dirty}.

import { fileField, Files } from "../compose/files.js";
import { select } from "../draw/selects.js";
import { h } from "../dom.js";
import { encoded } from "../live.js";

const TEXT = 4, FILES = 19, RADIO = 21, CHECKBOXES = 22, CHECKBOX = 23;
const LONGEST = 4000;

let made = 0;

/** The field for a component. `label` and `ids` ({label, about}: ids of what names and describes it) are its label's. */
export function field(c, label, ids, world) {
  const make = { [TEXT]: text, [FILES]: files, [RADIO]: group, [CHECKBOXES]: group, [CHECKBOX]: checkbox }[c.type] ?? chooser;
  return { id: c.custom_id, ...make(c, label, ids, world) };
}

/** Whether Discord marks the field as one that must be filled in. */
export function required(c) {
  if (c.type === CHECKBOX) return false;
  return c.required !== false && c.min_values !== 0;
}

const between = (least, most, what) => least === most ? `${least} ${what}` : `${least} to ${most} ${what}`;

function text(c, label, ids) {
  const long = c.style === 2;
  const most = c.max_length ?? LONGEST;
  const least = c.min_length ?? 0;
  const left = h("span", { class: "left", id: `left-${++made}` });
  const input = h(long ? "textarea" : "input", {
    id: ids.input, type: long ? null : "text", rows: long ? "4" : null, placeholder: c.placeholder, value: c.value ?? "",
    autocomplete: "off", data: { customId: c.custom_id },
    aria: { required: required(c) ? "true" : null, describedby: [ids.about, left.id].filter(Boolean).join(" ") },
  });
  const count = () => {
    const rest = most - [...input.value].length;
    left.textContent = rest;
    left.setAttribute("aria-label", `${rest} characters left`);
    left.classList.toggle("over", rest < 0);
  };
  input.addEventListener("input", count);
  count();
  return {
    node: h("div", { class: long ? "typed long" : "typed" }, input, left),
    target: input,
    focus: () => input.focus(),
    dirty: () => input.value !== (c.value ?? ""),
    value: () => input.value,
    check: () => {
      const length = [...input.value].length;
      if (!length) return required(c) ? "Please fill this in." : null;
      if (length < least) return `At least ${least} characters, please; this has ${length}.`;
      return length > most ? `At most ${most} characters, please; this has ${length}.` : null;
    },
  };
}

function files(c, label, ids) {
  const most = c.max_values ?? 1;
  const least = c.min_values ?? 1;
  const note = h("span", { class: "bad", role: "alert" });
  const node = h("div", { class: "uploads" });
  const kept = new Files({ label: `Files for ${label}`, most, say: (sentence) => { note.textContent = sentence ?? ""; },
    changed: () => node.dispatchEvent(new Event("change", { bubbles: true })) });
  const words = most > 1 ? `Drop up to ${most} files here, or choose them` : "Drop a file here, or choose one";
  const zone = fileField(kept, { label, words });
  zone.input.dataset.customId = c.custom_id;
  if (ids.about) zone.input.setAttribute("aria-describedby", ids.about);
  if (required(c)) zone.input.setAttribute("aria-required", "true");
  node.append(zone.node, kept.node, note);
  return {
    node, target: zone.input,
    focus: () => zone.input.focus(),
    dirty: () => kept.all.length > 0,
    value: () => Promise.all(kept.all.map(encoded)),
    bytes: () => kept.bytes,
    take: (list) => kept.add(list),
    check: () => {
      if (!kept.all.length && !required(c)) return null;
      return kept.all.length < least ? `Please add ${most > 1 ? between(least, most, "files") : "a file"}.` : null;
    },
  };
}

function group(c, label, ids) {
  const radio = c.type === RADIO;
  const least = radio ? 1 : c.min_values ?? 1;
  const most = radio ? 1 : c.max_values ?? c.options.length;
  const name = `group-${++made}`;
  const boxes = c.options.map((option) => h("input", {
    type: radio ? "radio" : "checkbox", name, value: option.value, checked: Boolean(option.default), id: `${name}-${option.value}`,
    aria: { describedby: option.description ? `${name}-${option.value}-about` : null },
  }));
  const node = h("div", { class: "group", role: radio ? "radiogroup" : "group", data: { customId: c.custom_id },
    aria: { labelledby: ids.label, describedby: ids.about, required: radio && required(c) ? "true" : null } },
  c.options.map((option, at) => tickable(boxes[at], option.label, option.description)));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const first = String(chosen());
  return {
    node, target: node,
    focus: () => (boxes.find((box) => box.checked) ?? boxes[0]).focus(),
    dirty: () => String(chosen()) !== first,
    value: chosen,
    check: () => {
      const count = chosen().length;
      if (!count && !required(c)) return null;
      if (radio) return count ? null : "Please choose one.";
      return count < least || count > most ? `Please choose ${between(least, most, "of these")}.` : null;
    },
  };
}

function checkbox(c, label, ids) {
  const first = Boolean(c.default);
  const box = h("input", {
    type: "checkbox", checked: first, id: ids.input, data: { customId: c.custom_id }, aria: { describedby: ids.about },
  });
  return {
    node: box, inline: true, target: box,
    focus: () => box.focus(), dirty: () => box.checked !== first, value: () => box.checked, check: () => null,
  };
}

/** A radio button or checkbox with its words. */
export function tickable(box, label, description) {
  return h("label", { class: "tickable" }, box, h("span", { class: "words" }, h("span", {}, label),
    description && h("small", { id: `${box.id}-about`, aria: { hidden: "true" } }, description)));
}

function chooser(c, label, ids, world) {
  const node = select({ ...c, min_values: required(c) ? c.min_values : 0 }, world);
  const { button } = node;
  // In a form the label says what is chosen here.
  button.setAttribute("aria-label", label);
  if (ids.about) button.setAttribute("aria-describedby", ids.about);
  if (required(c)) button.setAttribute("aria-required", "true");
  const first = String(node.values());
  const least = c.min_values ?? 1, most = c.max_values ?? 1;
  return {
    node, target: button,
    focus: () => button.focus(),
    dirty: () => String(node.values()) !== first,
    value: () => node.values(),
    check: () => {
      const count = node.values().length;
      if (!count) return required(c) ? `Please choose ${most > 1 && least > 1 ? between(least, most, "of these") : "one"}.` : null;
      return count < least ? `Please choose ${between(least, most, "of these")}.` : null;
    },
  };
}
