// What the page keeps, where the browser lets it: some do not, and then it only forgets.

/** What was kept under the name (in this tab only, with `tab`), or undefined. */
export function kept(name, tab = false) {
  try { return (tab ? sessionStorage : localStorage).getItem(name) ?? undefined; } catch { return undefined; }
}

/** Keeps a text under the name; null forgets it. */
export function keep(name, text, tab = false) {
  try {
    const store = tab ? sessionStorage : localStorage;
    if (text == null) store.removeItem(name); else store.setItem(name, text);
  } catch { /* then it is not kept */ }
}
