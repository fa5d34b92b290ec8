// A part of the page beside the messages that a button opens and closes.

import { h } from "../dom.js";
import { icon } from "../draw/icons.js";

const CONTROLS = "a[href], button:not(:disabled), input:not(:disabled), [tabindex='0']";

/**
 * `covers()` says whether the part lies over the messages now: then it takes the focus, Escape or a
 * press beside it closes it, and the rest rests. `open(part)` and `close()` move the focus as well.
 */
export class Drawer {
  constructor(root, { name, sign, covers, shown, changed = () => {} }) {
    Object.assign(this, { root, covers, shown, changed });
    this.button = h("button", {
      type: "button", class: "plain toggle-" + root.id, title: name,
      aria: { label: name, expanded: "false", controls: root.id },
      on: { click: () => (this.isOpen ? this.close() : this.open()) },
    }, icon(sign));
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.isOpen || !this.covers()) return;
      event.preventDefault();
      this.close();
    });
    // Nothing that lies under it is pressed or focused while it does.
    const leave = (to) => {
      const inside = !to || root.contains(to) || this.button.contains(to) || to.closest?.(".menu");
      if (!inside && this.isOpen && this.covers()) this.close(false);
    };
    addEventListener("pointerdown", (event) => leave(event.target), true);
    root.addEventListener("focusout", (event) => leave(event.relatedTarget));
  }

  get isOpen() { return this.button.getAttribute("aria-expanded") === "true"; }

  set(open) {
    this.button.setAttribute("aria-expanded", String(open));
    this.shown(open);
    this.changed(open);
  }

  open() {
    this.set(true);
    if (this.covers()) {
      const here = this.root.querySelector("#channels [aria-current], [aria-selected=true]");
      (here ?? this.root.querySelector(CONTROLS))?.focus();
    }
  }

  close(focus = this.root.contains(document.activeElement)) {
    if (!this.isOpen) return;
    this.set(false);
    if (focus) this.button.focus();
  }
}
