// Discord's Markdown, read into a tree, as the client does it, oddities included. One pass: what
// closes a mark is looked for once, what found none is remembered, and so hostile texts cost no more.

const DEEPEST = 24, DEEPEST_LIST = 11, LONGEST_TARGET = 2048;
const START = 0, INDENT = 1, WITHIN = 2; // where on its line a place is
const SHRUG = "¯\\_(ツ)_/¯";
const PAIRS = {
  "**": ["b", /\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y], "__": ["u", /__((?:\\[^]|[^\\])+?)__(?!_)/y],
  "~~": ["s", /~~([^]+?)~~(?!_)/y], "||": ["spoiler", /\|\|([^]+?)\|\|/y],
};
const ANGLED = [
  [/<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, (m) => Math.abs(m[1]) <= 8.64e12 && { t: "time", seconds: Number(m[1]), style: m[2] ?? "f" }],
  [/<a?:(\w{1,64}):\d{1,20}>/y, (m) => ({ t: "emoji", name: m[1] })],
  [/<@!?(\d{1,20})>/y, (m) => ({ t: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ t: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ t: "channel", id: m[1] })],
  [/<\/([^\s<>:/]{1,32}(?: [^\s<>:/]{1,32}){0,2}):\d{1,20}>/y, (m) => ({ t: "command", path: m[1] })],
  [/<id:(browse|customize|guide|linked-roles)>/y, (m) => ({ t: "place", id: m[1] })],
  [/<(https?:\/\/[^\s<>]{1,2048})>/iy, (m) => web(m[1]) && { t: "link", url: m[1] }],
];

/**
 * The text as a list of strings and marks: {t: "b"|"i"|"u"|"s"|"spoiler"|"h"|"sub"|"quote", c: [...]},
 * "h" with `level`; {t: "list", start: number|undefined, items: [[...]]}; {t: "code"|"pre", text,
 * language}; {t: "link", url, c?, title?}; {t: "user"|"role"|"channel"|"place", id}; {t: "command",
 * path}; {t: "everyone", text}; {t: "emoji", name}; {t: "time", seconds, style}. With `blocks: false`
 * (titles) headings, lists, quotes and code blocks stay text.
 */
export function parse(text, { blocks = true } = {}) {
  return read(text, { blocks, line: START, depth: 0, lists: 0 });
}

/** Whether this is an address that a browser may open. */
export function web(url) { return /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url); }

function match(rule, text, at) {
  rule.lastIndex = at;
  return rule.exec(text);
}

// `context` tells what the text is within: `lists` deep, `quoted`, the `label` of a link.
function read(text, context) {
  if (context.depth > DEEPEST) return [text];
  const out = [], known = {};
  let { line } = context, plain = "";
  for (let at = 0; at < text.length;) {
    const here = { ...context, line, depth: context.depth + 1 };
    // Each rule gives [node or text, where it ends, whether a line begins there].
    const made = (line < WITHIN && context.blocks && block(text, at, here, line)) || inline(text, at, here, known);
    if (!made) {
      const char = text[at++];
      plain += char;
      line = char === "\n" ? START : char === " " && line < WITHIN ? INDENT : WITHIN;
      continue;
    }
    if (typeof made[0] === "string") plain += made[0];
    else {
      if (plain) out.push(plain);
      plain = "";
      out.push(made[0]);
    }
    at = made[1];
    line = made[2] ? START : WITHIN;
  }
  if (plain) out.push(plain);
  return out;
}

// Blocks, which begin where a line does. Heading and subtext go on with what a line may begin with.
function block(text, at, here, line) {
  let m;
  if (line === START && !here.lists && (m = match(/(#{1,3})\s+(?![\s#])([^\n]+)\n?/y, text, at))) {
    let title = m[2].trimEnd();
    while (title.endsWith("#")) title = title.slice(0, -1);
    return [{ t: "h", level: m[1].length, c: read(title.trimEnd(), { ...here, line: START }) }, at + m[0].length, true];
  }
  if (line === START && (m = match(/-# +(?!-# |\s)([^\n]+)\n?/y, text, at))) {
    return [{ t: "sub", c: read(m[1], { ...here, line: START }) }, at + m[0].length, true];
  }
  if (text[at] === ">" && !here.quoted) {
    const rest = text.startsWith(">>> ", at);
    m = rest ? [text.slice(at)] : match(/(?: *> [^\n]*(?:\n|$))+/y, text, at);
    const lines = m && (rest ? m[0].slice(4) : m[0].replace(/\n$/, "").replace(/^ *> /gm, ""));
    return m && [{ t: "quote", c: read(lines, { ...here, line: START, quoted: true }) }, at + m[0].length, true];
  }
  return here.lists < DEEPEST_LIST && list(text, at, here);
}

function list(text, at, here) {
  const items = [];
  let start;
  for (let m; (m = match(/((?:[*-]|(\d{1,10})\.) +)([^][^\n]*(?:\n [^\n]*)*)\n?/y, text, at)); at += m[0].length) {
    if (!items.length && m[2]) start = Math.min(Math.max(m[2], 1), 1e9);
    const item = m[3].replace(new RegExp(`^ {1,${m[1].length}}`, "gm"), "");
    items.push(read(item, { ...here, line: START, lists: here.lists + 1 }));
  }
  return items.length && [{ t: "list", start, items }, at, true];
}

function inline(text, at, here, known) {
  let m;
  switch (text[at]) {
    case "\\": return (m = match(/\\([^A-Za-z0-9\s])/y, text, at)) && [m[1], at + 2];
    case "`": return (here.blocks && !here.label && fence(text, at, known)) || code(text, at, known);
    case "*": case "_": return emphasis(text, at, here, known);
    case "~": case "|": return (m = pair(text, at, known)) && [{ t: PAIRS[text[at] + text[at]][0], c: read(m[1], here) }, at + m[0].length];
    case "<":
      for (const [rule, make] of here.label ? ANGLED.slice(0, 2) : ANGLED) {
        const node = (m = match(rule, text, at)) && make(m);
        if (node) return [node, at + m[0].length];
      }
      return null;
    case "[": return !here.label && masked(text, at, here, known);
    case "@":
      m = !here.label && match(/@(?:everyone|here)/y, text, at);
      return m && [{ t: "everyone", text: m[0] }, at + m[0].length];
    case "h": return !here.label && !/\w/.test(text[at - 1] ?? "") && address(text, at);
    case "¯": return text.startsWith(SHRUG, at) && [SHRUG, at + SHRUG.length];
    default: return null;
  }
}

// A pair that nothing closes now, nothing closes further on either.
function pair(text, at, known) {
  const mark = text.slice(at, at + 2);
  if (!(mark in PAIRS) || known[mark]) return null;
  const m = match(PAIRS[mark][1], text, at);
  known[mark] = !m;
  return m;
}

// `*a*` and `**a**`, and with `_`: whichever of the two takes in more.
function emphasis(text, at, here, known) {
  const one = single(text, at, known), two = pair(text, at, known);
  if (two && !(one && one[1] >= at + two[0].length)) return [{ t: PAIRS[two[0].slice(0, 2)][0], c: read(two[1], here) }, at + two[0].length];
  return one && [{ t: "i", c: read(text.slice(at + 1, one[0]), here) }, one[1]];
}

// Pairs inside are passed over, so the first run of odd length closes; what spoils that one spoils all.
function single(text, at, known) {
  const mark = text[at];
  let run = at + 1;
  while (text[run] === mark) run++;
  const odd = (run - at) % 2 ? firstOdd(text, run, mark, known) : [at + 1, run];
  if (!odd || odd[1] === at + 2 || (mark === "*" && /\s/.test(text[at + 1]))) return null;
  let end = odd[1] - 1;
  if (mark === "_") return /\w/.test(text[end + 1] ?? "") ? null : [end, end + 1];
  // Up to two blanks before the closing mark are forgiven, and dropped.
  for (let blanks = 0; odd[0] === odd[1] - 1 && /\s/.test(text[end - 1]); end--) if (++blanks > 2 || text[end - 1] !== " ") return null;
  return [end, odd[1]];
}

function firstOdd(text, from, mark, known) {
  const last = known[mark];
  if (last && from >= last.from && (!last.found || from <= last.found[0])) return last.found;
  let found = null;
  for (let at = from; at < text.length && !found;) {
    let end = at;
    while (text[end] === mark) end++;
    if ((end - at) % 2) found = [at, end];
    at = end > at ? end : at + (text[at] === "\\" ? 2 : 1);
  }
  known[mark] = { from, found };
  return found;
}

function fence(text, at, known) {
  if (known.fence || !text.startsWith("```", at)) return null;
  const named = match(/```([A-Za-z0-9_+\-.#]*)\n/y, text, at);
  for (const [from, language] of named ? [[at + named[0].length, named[1]], [at + 3, ""]] : [[at + 3, ""]]) {
    let first = from;
    while (text[first] === "\n") first++;
    const stop = text.indexOf("```", first + 1);
    if (stop < 0) continue;
    const fresh = text[stop + 3] === "\n";
    return [{ t: "pre", language, text: text.slice(first, stop).replace(/\n+$/, "") }, stop + 3 + fresh, fresh];
  }
  known.fence = true;
  return null;
}

// As many backticks close as opened; failing that, fewer, and the rest of them is inside.
function code(text, at, known) {
  if (!known.ticks) {
    known.ticks = {};
    for (const { 0: run, index } of text.matchAll(/`+/g)) (known.ticks[run.length] ??= []).push(index);
  }
  let end = at;
  while (text[end] === "`") end++;
  for (let many = end - at; many; many--) {
    const runs = known.ticks[many] ?? [];
    // What lies behind is passed for good.
    while (runs[0] < end) runs.shift();
    if (!runs.length) continue;
    // A blank that keeps a backtick from the marks is not meant.
    return [{ t: "code", text: text.slice(at + many, runs[0]).replace(/^ (?= *`)/, "").replace(/(?<=` *) $/, "") }, runs[0] + many];
  }
  return [text.slice(at, end), end];
}

// An address. What ends a sentence is no part of it, nor is a bracket that it did not open.
function address(text, at) {
  let url = match(/(?:https?:\/\/[^\s<]+)?/y, text, at)[0];
  let end = url.length;
  while (end && /[.,:;"'\]]/.test(url[end - 1])) end--;
  url = url.slice(0, end);
  if (url.endsWith(")")) {
    let closing = 0;
    while (url[end - 1 - closing] === ")") closing++;
    if (closing > url.split("(").length - 1) url = url.slice(0, -1);
  }
  return url && [/\/\/../.test(url) && web(url) ? { t: "link", url } : url, at + url.length];
}

const TARGET = /^\s*(?:<([^\s>]+)>|([^\s<]\S*))(?:\s+(?:"(.*)"|'(.*)'))?\s*$/s;
const MISLEADING = /https?:\/\/|discord\.gg\/|<[@#/]|@everyone|@here/i;

// [label](address "title")
function masked(text, at, here, known) {
  let close = closing("[", "]", text, known)[at];
  // A bracket too many in the label does no harm.
  if (close && text[close + 1] !== "(") close += match(/(?:\][^[\]]{0,200}(?=\]\())?/y, text, close)[0].length;
  const end = text[close + 1] === "(" && closing("(", ")", text, known)[close + 1];
  const target = end && end - close < LONGEST_TARGET && TARGET.exec(text.slice(close + 2, end));
  if (!target) return null;
  const label = text.slice(at + 1, close);
  const url = (target[1] ?? target[2]).replace(/\\([^A-Za-z0-9\s])/g, "$1");
  // A label that looks like an address itself, or that mentions, is how one would be misled.
  if (!label.trim() || MISLEADING.test(label) || !web(url)) return [text.slice(at, end + 1), end + 1];
  return [{ t: "link", url, c: read(label, { ...here, line: WITHIN, label: true }), title: target[3] ?? target[4] }, end + 1];
}

// What closes each bracket of a kind.
function closing(open, close, text, known) {
  if (known[open]) return known[open];
  const ends = (known[open] = {}), waiting = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === open) waiting.push(at);
    else if (text[at] === close && waiting.length) ends[waiting.pop()] = at;
  }
  return ends;
}
