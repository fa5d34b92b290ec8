// A modal as a dialog: labels with text inputs, selects and file uploads.

import { encoded } from "../live.js";
import { markdown } from "../draw/markdown.js";
import { select } from "../draw/components.js";

/**
 * Shows the form that the bot opened. `send({custom_id: value})` resolves to null, or to a sentence
 * that is shown in the form, which then stays open with what was typed.
 */
export function askForm(modal, world, send) {
  const dialog = document.createElement("dialog");
  document.body.append(dialog);
  const trouble = Object.assign(document.createElement("p"), { className: "bad" });
  trouble.setAttribute("role", "alert");
  const form = document.createElement("form");
  const heading = document.createElement("h2");
  heading.textContent = modal.title;
  const readers = [];
  for (const part of modal.components) form.append(field(part, readers, world));
  const row = document.createElement("div");
  row.className = "row";
  const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: "Cancel" });
  const submit = Object.assign(document.createElement("button"), { type: "submit", textContent: "Submit", className: "style-1" });
  row.append(cancel, submit);
  form.append(trouble, row);
  dialog.replaceChildren(heading, form);
  dialog.showModal();
  cancel.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const values = {};
    for (const [id, read] of readers) values[id] = await read();
    const error = await send(values);
    trouble.textContent = error ?? "";
    if (!error) dialog.close();
  };
}

function field(part, readers, world) {
  if (part.type === 10) return markdown(part.content, world);
  const node = document.createElement("label");
  node.className = "field";
  const component = part.component ?? part.components?.[0];
  const title = document.createElement("span");
  title.textContent = (part.label ?? component.label ?? "") + (component.required === false || component.type === 19 && component.min_values === 0 ? "" : " *");
  node.append(title);
  if (part.description) {
    const small = document.createElement("small");
    small.textContent = part.description;
    node.append(small);
  }
  node.append(input(component, readers, world));
  return node;
}

function input(c, readers, world) {
  if (c.type === 4) {
    const node = document.createElement(c.style === 2 ? "textarea" : "input");
    node.value = c.value ?? "";
    node.placeholder = c.placeholder ?? "";
    node.required = c.required !== false;
    if (c.max_length) node.maxLength = c.max_length;
    if (c.min_length) node.minLength = c.min_length;
    readers.push([c.custom_id, () => node.value]);
    return node;
  }
  if (c.type === 19) {
    const node = document.createElement("input");
    node.type = "file";
    node.multiple = (c.max_values ?? 1) > 1;
    node.required = c.required !== false && c.min_values !== 0;
    readers.push([c.custom_id, () => Promise.all([...node.files].map(encoded))]);
    return node;
  }
  if (c.type === 23) {
    const node = document.createElement("input");
    node.type = "checkbox";
    node.checked = Boolean(c.default);
    readers.push([c.custom_id, () => node.checked]);
    return node;
  }
  if (c.type === 21 || c.type === 22) {
    const group = document.createElement("div");
    for (const option of c.options) {
      const choice = document.createElement("input");
      choice.type = c.type === 21 ? "radio" : "checkbox";
      choice.name = c.custom_id;
      choice.value = option.value;
      choice.checked = Boolean(option.default);
      const line = document.createElement("label");
      line.append(choice, " " + option.label);
      group.append(line);
    }
    readers.push([c.custom_id, () => [...group.querySelectorAll(":checked")].map((one) => one.value)]);
    return group;
  }
  const node = select(c, world);
  readers.push([c.custom_id, () => [...node.selectedOptions].map((o) => o.value).filter(Boolean)]);
  return node;
}
