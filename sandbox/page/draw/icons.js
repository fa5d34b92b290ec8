// The few pictures that the page needs, as lines; our own, each the path of a 24 × 24 drawing.

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  thread: "M5 4v9a3 3 0 0 0 3 3h11m-4-4 4 4-4 4",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  at: "M4 5h16v11H11l-4 4v-4H4z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v3m0 14v3M2 12h3m14 0h3M5 5l2 2m10 10 2 2M5 19l2-2M17 7l2-2",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5",
  tools: "M4 7h9m5 0h2M4 17h2m5 0h9M13 4v6h4V4zM6 14v6h4v-6z",
  menu: "M3 6h18M3 12h18M3 18h18",
  close: "M6 6l12 12M18 6 6 18",
  tick: "M5 13l5 5L20 7",
  down: "M12 5v14m-6-6 6 6 6-6",
  switch: "M8 9l4-4 4 4M8 15l4 4 4-4",
  reply: "M9 6 4 11l5 5M4 11h9a6 6 0 0 1 6 6v1",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  eye: "M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  out: "M14 4h6v6M20 4l-9 9M18 14v5H5V6h5",
  file: "M6 3h8l4 4v14H6ZM14 3v4h4",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  gem: "M7 4h10l4 6-9 11L3 10ZM3 10h18M12 21 8 10l2-6M12 21l4-11-2-6",
};
const SVG = "http://www.w3.org/2000/svg";

/** An icon; decoration, whatever it stands in has its own name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  path.setAttribute("d", PATHS[name]);
  return svg;
}
