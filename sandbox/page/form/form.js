// A modal as a dialog.

import { carriesFiles } from "../compose/files.js";
import { attribute, cross } from "../compose/bits.js";
import { markdown } from "../draw/markdown.js";
import { $, h } from "../dom.js";
import { field, required } from "./fields.js";

const ROW = 1, TEXT_DISPLAY = 10;
const MOST_BYTES = 25e6;

let made = 0;

/**
 * Shows the form that the bot opened. `send({custom_id: value})` resolves to null, or to a sentence
 * that is shown in the form, which then stays open with what was typed.
 */
export function askForm(modal, world, send) {
  new Form(modal, world, send).open();
}

class Form {
  constructor(modal, world, send) {
    Object.assign(this, { modal, world, send, fields: [] });
    this.from = document.activeElement;
    const title = `form-${++made}`;
    this.trouble = h("p", { class: "bad", role: "alert" });
    this.submit = h("button", { type: "submit", class: "main" }, "Submit");
    this.cancel = h("button", { type: "button", on: { click: () => this.close() } }, "Cancel");
    this.question = this.ask();
    const bot = world.state.members.find((one) => one.bot)?.display_name;
    this.form = h("form", { novalidate: true, autocomplete: "off", on: { submit: (event) => { event.preventDefault(); this.hand(); } } },
      h("div", { class: "parts" }, modal.components.map((part) => this.part(part)),
        bot && h("p", { class: "whither" }, `This form is sent to ${bot}. It stays on this machine.`)),
      this.trouble, this.question, h("div", { class: "ends" }, this.cancel, this.submit));
    this.dialog = h("dialog", {
      class: "form", aria: { labelledby: title },
      on: {
        cancel: (event) => { event.preventDefault(); this.leave(); },
        keydown: (event) => this.key(event),
        mousedown: (event) => { this.outside = event.target === this.dialog; },
        click: (event) => { if (event.target === this.dialog && this.outside) this.leave(); },
        dragover: (event) => { if (carriesFiles(event)) event.preventDefault(); },
        drop: (event) => this.drop(event),
        // Where to go back to: a click outside takes focus off the fields.
        focusin: ({ target }) => { if (target !== this.dialog && !this.question.contains(target)) this.at = target; },
      },
    }, h("div", { class: "sheet-of" },
      h("header", {}, h("h2", { id: title }, modal.title), cross("Close", () => this.leave())), this.form));
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    (this.fields[0] ?? { focus: () => this.submit.focus() }).focus();
  }

  // Parts

  part(part) {
    if (part.type === TEXT_DISPLAY) return markdown(part.content, this.world);
    const component = part.type === ROW ? part.components[0] : part.component;
    return component && this.labelled(component, part.label ?? component.label ?? "", part.description);
  }

  labelled(component, label, description) {
    const name = `field-${++made}`;
    const ids = { input: `${name}-input`, label: `${name}-label`, about: description ? `${name}-about` : undefined };
    const one = field(component, label, ids, this.world);
    const wrong = h("p", { class: "bad", role: "alert", id: `${name}-wrong` });
    const words = [label, required(component) && h("span", { class: "must", aria: { hidden: "true" } }, " *")];
    const native = one.target.id === ids.input;
    const about = description && h("small", { id: ids.about }, description);
    one.wrong = wrong;
    this.fields.push(one);
    const title = native ? h("label", { class: "title", id: ids.label, for: ids.input }, words)
      : h("span", { class: "title", id: ids.label, on: { click: () => one.focus() } }, words);
    const node = one.inline ? h("div", { class: "part inline" }, one.node, h("div", {}, title, about), wrong)
      : h("div", { class: "part" }, title, about, one.node, wrong);
    // What was complained about is looked at again as it changes.
    const again = () => { if (wrong.textContent) this.complain(one, one.check()); this.trouble.textContent = ""; };
    node.addEventListener("input", again);
    node.addEventListener("change", again);
    return node;
  }

  complain(one, sentence) {
    one.wrong.textContent = sentence ?? "";
    const described = (one.target.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== one.wrong.id);
    if (sentence) described.push(one.wrong.id);
    attribute(one.target, "aria-describedby", described.join(" "));
    attribute(one.target, "aria-invalid", sentence && "true");
  }

  // Files dropped beside the fields go to the one that takes files.
  drop(event) {
    if (!carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    this.fields.find((one) => one.take)?.take(event.dataTransfer.files);
  }

  // Keys

  key(event) {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      if (this.question.hidden) this.leave(); else this.stay();
    }
    if (event.key !== "Tab" || event.defaultPrevented) return;
    // Of radio buttons only the chosen one is a stop.
    const passed = (one) => one.type === "radio" && !one.checked && this.dialog.querySelector(`input[name="${one.name}"]:checked`);
    const stops = [...this.dialog.querySelectorAll("button, input, textarea, a[href], [tabindex='0']")]
      .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility() && !passed(one));
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }

  // Leaving

  ask() {
    const title = `ask-${++made}`;
    return h("div", { class: "really", role: "alertdialog", aria: { labelledby: title }, hidden: true },
      h("p", { id: title }, "Leave the form? What you typed is lost."),
      h("button", { type: "button", on: { click: () => this.stay() } }, "Go on"),
      h("button", { type: "button", class: "danger", on: { click: () => this.close() } }, "Leave"));
  }

  leave() {
    if (this.waiting) return;
    if (!this.fields.some((one) => one.dirty())) { this.close(); return; }
    this.question.hidden = false;
    this.question.querySelector("button").focus();
  }

  stay() {
    this.question.hidden = true;
    if (this.at?.isConnected) this.at.focus(); else this.fields[0].focus();
  }

  close() {
    this.dialog.close();
    this.dialog.remove();
    // Back to where it was; a message that was drawn anew meanwhile has the same button again.
    const { from } = this;
    const same = from?.dataset.customId && document.querySelector(`[data-custom-id="${CSS.escape(from.dataset.customId)}"]`);
    (from?.isConnected && from !== document.body ? from : same || $("box"))?.focus();
  }

  // Sending

  async hand() {
    if (this.waiting) return;
    this.question.hidden = true;
    let first = null;
    for (const one of this.fields) {
      const sentence = one.check();
      this.complain(one, sentence);
      if (sentence) first ??= one;
    }
    if (first) { first.focus(); return; }
    if (this.fields.reduce((sum, one) => sum + (one.bytes?.() ?? 0), 0) > MOST_BYTES) {
      this.trouble.textContent = "Files may have 25 MB together.";
      return;
    }
    this.wait(true);
    const values = {};
    let error;
    try {
      for (const one of this.fields) values[one.id] = await one.value();
      error = await this.send(values);
    } catch (thrown) {
      error = `This could not be sent: ${thrown.message}.`;
    }
    this.wait(false);
    this.trouble.textContent = error ?? "";
    if (error) this.submit.focus(); else this.close();
  }

  wait(on) {
    this.waiting = on;
    // Not disabled, so that focus stays.
    this.submit.classList.toggle("waiting", on);
    this.submit.setAttribute("aria-busy", String(on));
    this.submit.textContent = on ? "Submitting…" : "Submit";
    this.form.firstChild.inert = on;
    this.trouble.textContent = "";
  }
}
