// What is said aside: to screen readers, and to everybody when something failed.

import { $, h } from "../dom.js";

const SHOWN_MS = 8000;

let waiting = [];

/** Says a short sentence to screen readers, together with others of this moment. */
export function announce(sentence) {
  if (!waiting.length) {
    setTimeout(() => {
      $("told").replaceChildren(...waiting.slice(-3).map((one) => h("p", {}, one)));
      waiting = [];
    }, 120);
  }
  waiting.push(sentence);
}

/** Shows and says that something did not work; null is nothing to say. */
export function notice(sentence) {
  document.querySelector(".failure")?.remove();
  if (!sentence) return;
  const close = () => node.remove();
  const node = h("div", { class: "failure" }, h("span", { role: "alert" }, sentence),
    h("button", { type: "button", class: "plain", on: { click: close } }, "OK"));
  $("channel").append(node);
  setTimeout(close, SHOWN_MS);
}
