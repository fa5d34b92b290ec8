// The few pictures that messages need, as lines.

const PATHS = {
  reply: "M9 6 4 11l5 5M4 11h9a6 6 0 0 1 6 6v1",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  eye: "M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  out: "M14 4h6v6M20 4l-9 9M18 14v5H5V6h5",
  file: "M6 3h8l4 4v14H6ZM14 3v4h4",
  down: "M12 4v11M7 11l5 5 5-5M5 20h14",
  thread: "M5 5h14v10H10l-5 4Z",
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
