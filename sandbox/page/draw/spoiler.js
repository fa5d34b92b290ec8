// What is hidden until it is asked for: words, pictures, files and whole containers.

import { h } from "../dom.js";

/** Covers the children: neither seen, read out nor reached by key until pressed. "spoiler" is within text, "veil" over blocks. */
export function covered(children, name) {
  const tag = name === "spoiler" ? "span" : "div";
  return h(tag, { class: name + " covered", role: "button", tabindex: 0, aria: { label: "Spoiler, press to uncover" } },
    h(tag, { class: "inside", inert: true, aria: { hidden: "true" } }, children));
}

// One pair of listeners serves all covers; they hear of a press before anything inside could.
function press(event) {
  const cover = event.target.closest?.(".covered");
  if (!cover || (event.type === "keydown" && (event.target !== cover || (event.key !== "Enter" && event.key !== " ")))) return;
  event.preventDefault();
  event.stopPropagation();
  uncover(cover);
}
document.addEventListener("click", press, true);
document.addEventListener("keydown", press, true);

/** Shows what is covered. The focus stays where it is, so that reading goes on from there. */
export function uncover(cover) {
  cover.classList.remove("covered");
  for (const name of ["role", "aria-label"]) cover.removeAttribute(name);
  cover.tabIndex = -1;
  cover.firstChild.inert = false;
  cover.firstChild.removeAttribute("aria-hidden");
}

/** Carries over what was uncovered when a message is drawn again. */
export function uncoverAlike(old, fresh) {
  const before = old.querySelectorAll(".spoiler, .veil");
  const after = fresh.querySelectorAll(".spoiler, .veil");
  if (before.length === after.length) before.forEach((one, at) => { if (!one.classList.contains("covered")) uncover(after[at]); });
}
