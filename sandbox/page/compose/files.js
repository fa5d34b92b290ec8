// Files on their way to Discord: kept, listed with their size, added by choosing, pasting or dropping.

import { h } from "../dom.js";
import { cross } from "./bits.js";

// What one file may have, and all that go at once.
const MOST_BYTES = 10 * 1024 * 1024;
const MOST_BYTES_TOGETHER = 25e6;

/** A size as a person says it. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Some files and their list. `changed()` is told of each change; `say(sentence)` of what was not taken. */
export class Files {
  constructor({ label, most = 10, changed = () => {}, say = () => {} }) {
    this.most = most;
    this.changed = changed;
    this.say = say;
    this.all = [];
    this.node = h("ul", { class: "files", aria: { label }, hidden: true });
  }

  /** Adds what fits; true when everything did. */
  add(files) {
    const before = this.all.length;
    let sentence = null;
    for (const file of files) {
      const together = (this.most === 1 ? 0 : this.bytes) + file.size;
      if (together > MOST_BYTES_TOGETHER) sentence = `Files may have 25 MB together; ${file.name} was left out.`;
      else if (file.size > MOST_BYTES) sentence = `${file.name} is larger than the 10 MiB that Discord takes for one file.`;
      else if (this.most === 1) this.all = [file];
      else if (this.all.length >= this.most) sentence = `At most ${this.most} files go together; ${file.name} was left out.`;
      else this.all.push(file);
    }
    this.draw();
    if (this.all.length !== before || this.most === 1) this.changed();
    this.say(sentence);
    return sentence === null;
  }

  get bytes() { return this.all.reduce((sum, file) => sum + file.size, 0); }

  set(files) {
    this.all = [...files];
    this.draw();
  }

  draw() {
    this.node.replaceChildren(...this.all.map((file) => h("li", { class: "attached" },
      h("span", { class: "sheet", aria: { hidden: "true" } }),
      h("span", { class: "words" }, h("span", { class: "label" }, file.name), h("span", { class: "note" }, size(file.size))),
      cross(`Remove ${file.name}`, () => this.remove(file)))));
    this.node.hidden = !this.all.length;
  }

  remove(file) {
    const at = this.all.indexOf(file);
    this.all.splice(at, 1);
    this.draw();
    // Who removes several by keyboard is not sent back to the start each time.
    this.node.querySelectorAll("button")[Math.min(at, this.all.length - 1)]?.focus();
    this.say(null);
    this.changed();
  }
}

/** A field to choose files in or to drop them on; `files` is the list that they go to. */
export function fileField(files, { label, words, small }) {
  const input = h("input", {
    type: "file", multiple: files.most > 1, aria: { label },
    on: { change: () => { files.add(input.files); input.value = ""; } },
  });
  const zone = h("div", { class: small ? "zone small" : "zone" }, input, h("span", { aria: { hidden: "true" } }, words));
  zone.addEventListener("dragover", (event) => { if (carriesFiles(event)) { event.preventDefault(); zone.classList.add("over"); } });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    zone.classList.remove("over");
    document.dispatchEvent(new Event("files-dropped"));
    files.add(event.dataTransfer.files);
  });
  return { node: zone, input };
}

export const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** Takes files dropped anywhere on the page, and shows over `area` where they go: `where()` is the sentence, or null to take none. */
export function dropAnywhere(area, where, take) {
  const cover = h("div", { class: "drop-cover", hidden: true, aria: { hidden: "true" } }, h("p", {}));
  document.body.append(cover);
  const hide = () => { cover.hidden = true; };
  document.addEventListener("files-dropped", hide);
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const sentence = document.querySelector("dialog[open]") ? null : where();
    cover.hidden = sentence === null;
    if (sentence === null) { event.dataTransfer.dropEffect = "none"; return; }
    cover.firstChild.textContent = sentence;
    const box = area.getBoundingClientRect();
    for (const side of ["left", "top", "width", "height"]) cover.style[side] = `${box[side]}px`;
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) hide(); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (!cover.hidden) take(event.dataTransfer.files);
    hide();
  });
}
