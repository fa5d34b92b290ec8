// Discord's Markdown, as far as the client shows it, into DOM nodes. Nothing is ever put in
// as HTML: what a message holds is text until a rule here says otherwise.

const INLINE = [
  [/^\\([^\sA-Za-z0-9])/, (m) => m[1]],
  [/^`+([\s\S]*?[^`])`+(?!`)/, (m) => element("code", m[1])],
  [/^<t:(-?\d+)(?::([tTdDfFR]))?>/, (m) => time(Number(m[1]), m[2])],
  [/^<@!?(\d+)>/, (m, world) => mention("@" + (world.person(m[1])?.display_name ?? "unknown-user"))],
  [/^<@&(\d+)>/, (m, world) => mention("@" + (world.role(m[1])?.name ?? "deleted-role"))],
  [/^<#(\d+)>/, (m, world) => mention("#" + (world.channelOf(m[1])?.name ?? "unknown"))],
  [/^@(everyone|here)/, (m) => mention(m[0])],
  [/^\[((?:\\.|[^\]\\])+)\]\(<?(https?:\/\/[^\s<>)]+)>?\)/, (m, world) => link(m[2], m[1], world)],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => address(m[1])],
  [/^https?:\/\/[^\s<>)]+/, (m) => address(m[0])],
  [/^\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/, (m, world) => wrap("strong", m[1], world)],
  [/^__((?:\\.|[^\\])+?)__(?!_)/, (m, world) => wrap("u", m[1], world)],
  [/^\*(?!\s)((?:\\.|\*\*|[^\\*])+?)\*(?!\*)/, (m, world) => wrap("em", m[1], world)],
  [/^_((?:\\.|__|[^\\_])+?)_(?![_A-Za-z0-9])/, (m, world) => wrap("em", m[1], world)],
  [/^~~((?:\\.|[^\\])+?)~~/, (m, world) => wrap("s", m[1], world)],
  [/^\|\|((?:\\.|[^\\])+?)\|\|/, (m, world) => spoiler(m[1], world)],
];

export function markdown(text, world) {
  const root = document.createElement("div");
  root.className = "text";
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    let m;
    if (line.startsWith("```")) {
      const end = lines.findIndex((l, i) => i > at && l.includes("```"));
      const stop = end < 0 ? lines.length : end;
      root.append(element("pre", lines.slice(at + 1, stop).join("\n")));
      at = stop;
    } else if ((m = /^(#{1,3}) +(.+)/.exec(line))) {
      root.append(wrap("h" + m[1].length, m[2], world));
    } else if ((m = /^-# +(.+)/.exec(line))) {
      const p = document.createElement("p");
      p.append(wrap("small", m[1], world));
      root.append(p);
    } else if (/^(>>> |> )/.test(line)) {
      const all = line.startsWith(">>> ");
      const quoted = [line.replace(/^(>>> |> )/, "")];
      while (at + 1 < lines.length && (all || lines[at + 1].startsWith("> "))) quoted.push(lines[++at].replace(/^> /, ""));
      const quote = document.createElement("blockquote");
      quote.append(...markdown(quoted.join("\n"), world).childNodes);
      root.append(quote);
    } else if (/^ *[-*] +\S/.test(line) || /^ *\d+\. +\S/.test(line)) {
      const list = document.createElement(/^ *\d/.test(line) ? "ol" : "ul");
      const item = /^ *(?:[-*]|\d+\.) +(.+)/;
      while (at < lines.length && (m = item.exec(lines[at]))) { list.append(wrap("li", m[1], world)); at++; }
      at--;
      root.append(list);
    } else if (line.trim()) {
      root.append(wrap("p", line, world));
    } else if (root.lastChild) {
      root.append(document.createElement("br"));
    }
  }
  return root;
}

function inline(text, world) {
  const nodes = [];
  let plain = "";
  const flush = () => { if (plain) nodes.push(document.createTextNode(plain)); plain = ""; };
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const hit = /^[\\`<@[h*_~|]/.test(rest) && INLINE.map(([rule, make]) => [rule.exec(rest), make]).find(([m]) => m);
    if (hit) {
      const made = hit[1](hit[0], world);
      if (typeof made === "string") plain += made;
      else { flush(); nodes.push(made); }
      at += hit[0][0].length;
    } else {
      plain += text[at++];
    }
  }
  flush();
  return nodes;
}

function wrap(tag, text, world) {
  const node = document.createElement(tag);
  node.append(...inline(text, world));
  return node;
}

function element(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}

function mention(text) {
  const node = element("span", text);
  node.className = "mention";
  return node;
}

function spoiler(text, world) {
  const node = wrap("span", text, world);
  node.className = "hidden";
  return node;
}

function link(url, label, world) {
  return linked(wrap("a", label, world), url);
}

// An address as it is: its text is no Markdown, least of all a link again.
function address(url) {
  return linked(element("a", url), url);
}

function linked(node, url) {
  node.href = url;
  node.target = "_blank";
  node.rel = "noreferrer noopener";
  node.title = url;
  return node;
}

function time(seconds, style) {
  const moment = new Date(seconds * 1000);
  const shown = { t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" }, F: { dateStyle: "full", timeStyle: "short" } }[style] ?? { dateStyle: "long", timeStyle: "short" };
  const node = element("span", style === "R" ? ago(moment) : new Intl.DateTimeFormat("en-GB", shown).format(moment));
  node.className = "mention";
  node.title = moment.toISOString();
  return node;
}

function ago(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  return format.format(Math.round(seconds), "second");
}
