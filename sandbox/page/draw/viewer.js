// A picture, large.

import { h } from "../dom.js";
import { doer } from "./buttons.js";
import { icon } from "./icons.js";
import { link } from "./markdown.js";

/** Shows the picture in a dialog; Escape or a press beside it closes, and the focus goes back. */
export function enlarge(one) {
  const close = doer(() => dialog.close(), {}, "Close");
  const dialog = h("dialog", { class: "viewer", aria: { label: one.description || one.name || "Picture" } },
    h("img", { src: one.url, alt: one.description ?? "" }),
    h("div", { class: "caption" },
      one.description && h("p", {}, one.description), link(one.url, ["Open in a tab ", icon("out")], one.name), close));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}
