// Classic embeds.

import { h } from "../dom.js";
import { hex, link, markdown } from "./markdown.js";
import { gallery, medium, picture } from "./media.js";
import { written } from "./times.js";

/** A message's embeds; those that only add a picture to the one before, by the same address, join it. */
export function embeds(list, world) {
  const shown = [];
  for (const embed of list) {
    const last = shown.at(-1);
    const adds = embed.url && last?.embed.url === embed.url && embed.image && last.images.length < 4;
    if (adds) last.images.push(embed.image);
    else shown.push({ embed, images: embed.image ? [embed.image] : [] });
  }
  return shown.map(({ embed, images }) => draw(embed, images, world));
}

const seen = (media, description) => medium({ ...media, content_type: null }, description ?? media.description, false);

function draw(embed, images, world) {
  const titled = (text, url) => (url ? link(url, text.childNodes.length ? [...text.childNodes] : [], null) : [...text.childNodes]);
  const node = h("div", { class: "embed" },
    embed.author?.name && h("div", { class: "author" },
      embed.author.icon_url && h("img", { src: embed.author.icon_url, alt: "" }),
      embed.author.url ? link(embed.author.url, embed.author.name) : h("span", {}, embed.author.name)),
    embed.title && h("div", { class: "title text" }, titled(markdown(embed.title, world, { blocks: false }), embed.url)),
    embed.description && markdown(embed.description, world),
    embed.fields?.length > 0 && h("div", { class: "fields" }, fields(embed.fields, world)),
    images.length > 0 && gallery(images.map((one) => seen(one))),
    embed.thumbnail && picture(seen(embed.thumbnail), "thumbnail"),
    (embed.footer?.text || embed.timestamp) && h("div", { class: "foot" },
      embed.footer?.icon_url && h("img", { src: embed.footer.icon_url, alt: "" }),
      embed.footer?.text && h("span", {}, embed.footer.text),
      embed.footer?.text && embed.timestamp && h("span", { aria: { hidden: "true" } }, "•"),
      embed.timestamp && written(embed.timestamp, world)));
  if (embed.color != null) node.style.setProperty("--accent-line", hex(embed.color));
  return node;
}

// Inline fields that follow one another share a row, up to three of them.
function fields(list, world) {
  const out = [];
  for (let at = 0; at < list.length;) {
    let many = 0;
    while (many < 3 && list[at + many]?.inline) many++;
    many ||= 1;
    for (const field of list.slice(at, at + many)) {
      out.push(h("div", { class: "field " + ["", "half", "third"][many - 1] },
        h("div", { class: "title" }, markdown(field.name, world, { blocks: false })), markdown(field.value, world)));
    }
    at += many;
  }
  return out;
}
