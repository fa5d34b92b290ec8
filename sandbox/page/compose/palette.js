// What opens above the message box: commands, choices of an option, options still to be had.

import { h } from "../dom.js";
import { Listbox } from "./listbox.js";

export class Palette {
  constructor() {
    this.list = new Listbox("Commands", (item, event) => this.choose(item, event));
    this.hint = h("p", { class: "told", id: "palette-hint" });
    this.nothing = h("p", { class: "nothing", role: "status" });
    this.node = h("div", { class: "palette", hidden: true }, this.hint, this.list.node, this.nothing);
  }

  /**
   * Opens for `owner`, whose keys come to `key`. `hint` is [name, description] of what is filled in,
   * `nothing` the sentence for an empty list; `at` is the item to begin with, -1 for none.
   */
  open(owner, { label, items = [], hint = null, nothing = "", at = 0, choose = () => {} }) {
    this.owner = owner;
    this.choose = choose;
    this.hint.replaceChildren(...(hint ? [h("b", {}, hint[0]), " ", hint[1] ?? ""] : []));
    this.hint.hidden = !hint;
    this.nothing.textContent = items.length ? "" : nothing;
    this.nothing.hidden = items.length > 0 || !nothing;
    this.list.node.setAttribute("aria-label", label);
    this.list.for(items.length ? owner : null);
    this.list.node.hidden = !items.length;
    this.node.hidden = false;
    this.list.show(items, items.length ? at : -1);
  }

  /** Takes the list away and leaves the hint, if there is one. */
  fold() {
    this.list.for(null);
    this.list.show([]);
    this.list.node.hidden = true;
    this.nothing.hidden = true;
    this.node.hidden = this.hint.hidden;
  }

  close(owner = this.owner) {
    if (owner !== this.owner) return;
    this.list.for(null);
    this.list.show([]);
    this.node.hidden = true;
    this.owner = null;
  }

  /** Whether there is something to choose from for `owner`. */
  openFor(owner) { return this.owner === owner && !this.node.hidden && this.list.items.length > 0; }

  key(event, owner) { return this.openFor(owner) && this.list.key(event); }
}
