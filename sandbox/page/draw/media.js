// Pictures and files: attachments, galleries, thumbnails.

import { h } from "../dom.js";
import { icon } from "./icons.js";
import { link } from "./markdown.js";
import { covered } from "./spoiler.js";
import { enlarge } from "./viewer.js";

/** What a gallery item, a thumbnail or an attachment says of one medium. */
export function medium(media, description, spoiler, name) {
  const { url, content_type: type, width, height } = media;
  return { url, type, width, height, description, spoiler, name: name ?? named(url) };
}

function named(url) {
  try { return decodeURIComponent(new URL(url, location).pathname.split("/").pop()); } catch { return ""; }
}

/** Pictures in Discord's grid: one alone keeps its shape, more share rows of two or three. */
export function gallery(items) {
  return h("div", { class: `gallery of-${Math.min(items.length, 10)}` }, items.map((one) => picture(one, "picture", items.length === 1)));
}

/** One picture that opens large; what is no picture is a file. `alone`, it keeps its shape. */
export function picture(one, name = "picture", alone = false) {
  // An address elsewhere says nothing of its kind and is taken for a picture.
  const shown = one.type && !one.type.startsWith("image/") ? file(one) : image(one, name, alone);
  return one.spoiler ? covered(shown, "veil") : shown;
}

const WIDEST = 552, HIGHEST = 352;

function image(one, name, alone) {
  const img = h("img", { src: one.url, alt: one.description ?? "", decoding: "async", loading: "lazy", draggable: "false" });
  const open = h("button", {
    type: "button", class: name, title: one.description, on: { click: () => enlarge(one) },
    aria: { label: `Open picture${one.description ? `: ${one.description}` : ""}`, haspopup: "dialog" },
  }, img);
  if (alone && one.width && one.height) {
    // Its place is kept before it is there, so that nothing jumps.
    img.style.width = `${Math.round(Math.min(one.width, WIDEST, (HIGHEST * one.width) / one.height))}px`;
    img.style.aspectRatio = `${one.width} / ${one.height}`;
  }
  img.addEventListener("error", () => {
    open.disabled = true;
    open.classList.add("broken");
    open.removeAttribute("aria-label");
    open.replaceChildren(one.description || "This picture could not be loaded.");
  });
  return open;
}

/** A file with its name and size; `one` is as `medium` makes it, with `size`. */
export function file(one) {
  const size = one.size == null ? null : h("span", { class: "quiet" }, bytes(one.size));
  const about = one.description && h("span", { class: "quiet" }, one.description);
  const card = h("div", { class: "file" }, icon("file"), h("div", {}, link(one.url, one.name, one.name), about, size),
    h("a", { href: one.url, download: one.name, aria: { label: `Download ${one.name}` } }, icon("download")));
  return one.spoiler ? covered(card, "veil") : card;
}

/** A size as people read it. */
export function bytes(size) {
  if (size < 1000) return size === 1 ? "1 byte" : `${size} bytes`;
  const units = ["KB", "MB", "GB"];
  let unit = -1;
  do { size /= 1024; unit++; } while (size >= 1000 && unit < units.length - 1);
  return `${size < 10 ? size.toFixed(2) : size < 100 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** A message's attachments: pictures together, then the files. */
export function attachments(list) {
  const all = list.map((one) => ({ ...medium(one, one.description, one.filename.startsWith("SPOILER_"), one.filename), size: one.size }));
  const pictures = all.filter((one) => /^image\/(?!svg)/.test(one.type ?? ""));
  return [pictures.length && gallery(pictures), ...all.filter((one) => !pictures.includes(one)).map(file)].filter(Boolean);
}
