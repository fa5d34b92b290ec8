// One message at a time is reached by Tab, with the buttons in it; arrow keys move between them.

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";

/** The things in a message that take the focus. */
export const controls = (node) => [...node.querySelectorAll(CONTROLS)];

/** Takes the message out of the Tab order, or puts it and what is in it back. */
export function reachable(node, on) {
  node.tabIndex = on ? 0 : -1;
  for (const one of controls(node)) {
    if (!on && one.dataset.tab == null) {
      one.dataset.tab = one.getAttribute("tabindex") ?? "";
      one.tabIndex = -1;
    } else if (on && one.dataset.tab != null) {
      if (one.dataset.tab) one.setAttribute("tabindex", one.dataset.tab); else one.removeAttribute("tabindex");
      delete one.dataset.tab;
    }
  }
}

/** What to call, before a message is drawn again, to find its focus in the new drawing. */
export function focusIn(node) {
  const active = document.activeElement;
  if (!node.contains(active)) return () => {};
  const id = active.dataset.customId ?? active.closest("[data-custom-id]")?.dataset.customId;
  const at = controls(node).indexOf(active);
  return (fresh) => {
    const able = controls(fresh).filter((one) => !one.disabled);
    const same = able.find((one) => id && (one.dataset.customId ?? one.closest("[data-custom-id]")?.dataset.customId) === id);
    const found = active === node ? fresh : same ?? controls(fresh)[at];
    (found && !found.disabled ? found : fresh).focus({ preventScroll: true });
  };
}
