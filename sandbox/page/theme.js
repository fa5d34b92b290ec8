// Before the first paint, so that nothing flashes; hence no module. The head's button changes it.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* then the system's */ }
  document.documentElement.dataset.theme = chosen ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
})();
