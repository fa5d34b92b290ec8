// A modal as a dialog: labels with text inputs, selects and file uploads.

import { encode } from "./api.js";
import { markdown } from "./markdown.js";
import { select } from "./components.js";

// Shows the modal and resolves with {custom_id: value} once it is sent, or null if it is closed.
export function askModal(modal, names) {
  const dialog = document.getElementById("modal");
  const form = document.createElement("form");
  const heading = document.createElement("h2");
  heading.textContent = modal.title;
  const readers = [];
  for (const part of modal.components) form.append(field(part, readers, names));
  const row = document.createElement("div");
  row.className = "row";
  const cancel = Object.assign(document.createElement("button"), { type: "button", textContent: "Cancel" });
  const send = Object.assign(document.createElement("button"), { type: "submit", textContent: "Submit", className: "style-1" });
  row.append(cancel, send);
  form.append(row);
  dialog.replaceChildren(heading, form);
  dialog.showModal();
  return new Promise((resolve) => {
    const finish = (value) => { dialog.onclose = null; dialog.close(); resolve(value); };
    dialog.onclose = () => resolve(null);
    cancel.onclick = () => finish(null);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const values = {};
      for (const [id, read] of readers) values[id] = await read();
      finish(values);
    };
  });
}

function field(part, readers, names) {
  if (part.type === 10) return markdown(part.content, names);
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
  node.append(input(component, readers, names));
  return node;
}

function input(c, readers, names) {
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
    readers.push([c.custom_id, () => Promise.all([...node.files].map(encode))]);
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
  const node = select(c, names);
  readers.push([c.custom_id, () => [...node.selectedOptions].map((o) => o.value).filter(Boolean)]);
  return node;
}
