// Discord's Markdown, read into a tree. What it does follows the client, oddities included; how it
// does it is ours: where each mark could close is worked out beforehand, so that an opening mark
// is decided at once and a text is read in one pass, whatever it holds.

const DEEPEST = 24;
const DEEPEST_LIST = 11;
const LONGEST_TARGET = 2048;
const NEVER = 0x7fffffff;
const WORD = /[A-Za-z0-9_]/;
const SHRUG = "¯\\_(ツ)_/¯";
const LINE_START = 0, INDENT = 1, WITHIN = 2;

/**
 * The text as a list of strings and marks: {t: "b"|"i"|"u"|"s"|"spoiler"|"h"|"sub"|"quote", c: [...]},
 * "h" with `level`; {t: "list", start: number|null, items: [[...]]}; {t: "code"|"pre", text, language};
 * {t: "link", url, c: [...]|null, title}; {t: "user"|"role"|"channel"|"place", id};
 * {t: "command", path}; {t: "everyone", text}; {t: "emoji", name}; {t: "time", seconds, style}.
 * With `blocks: false` (titles) headings, lists, quotes and code blocks stay text.
 */
export function parse(text, { blocks = true } = {}) {
  return new Reader(text).range(0, text.length, { line: LINE_START, depth: 0, lists: 0, quoted: false, label: false, blocks });
}

// The runs of one mark, `*` or `_`. An escaped one belongs to no run.
class Runs {
  constructor(text, mark) {
    const size = text.length;
    this.from = new Int32Array(size + 1).fill(-1);
    this.to = new Int32Array(size + 1).fill(-1);
    // The end of the first run at or after a place whose length is odd, or is at least two.
    this.odd = new Int32Array(size + 2).fill(NEVER);
    this.two = new Int32Array(size + 2).fill(NEVER);
    let slashes = 0;
    for (let at = 0; at < size; at++) {
      if (text[at] === "\\") { slashes++; continue; }
      if (text[at] === mark && slashes % 2 === 0) {
        let end = at + 1;
        while (text[end] === mark) end++;
        this.from.fill(at, at, end);
        this.to.fill(end, at, end);
        at = end - 1;
      }
      slashes = 0;
    }
    for (let at = size - 1; at >= 0; at--) {
      const length = this.from[at] === at ? this.to[at] - at : 0;
      this.odd[at] = length % 2 ? this.to[at] : this.odd[at + 1];
      this.two[at] = length > 1 ? this.to[at] : this.two[at + 1];
    }
  }
}

class Reader {
  constructor(text) {
    this.text = text;
    this.known = new Map();
  }

  // What is worked out once, when first needed.
  once(name, make) {
    if (!this.known.has(name)) this.known.set(name, make());
    return this.known.get(name);
  }

  runs(mark) { return this.once(mark, () => new Runs(this.text, mark)); }

  // Where the next pair of these marks is, from each place on.
  pairs(mark, blocked) {
    return this.once(mark + mark, () => {
      const next = new Int32Array(this.text.length + 3).fill(NEVER);
      for (let at = this.text.length - 2; at >= 0; at--) {
        const here = this.text[at] === mark && this.text[at + 1] === mark && this.text[at + 2] !== blocked;
        next[at] = here ? at : next[at + 1];
      }
      return next;
    });
  }

  fence(from) {
    const next = this.once("fences", () => {
      const found = new Int32Array(this.text.length + 2).fill(NEVER);
      for (let at = this.text.length - 1; at >= 0; at--) found[at] = this.text.startsWith("```", at) ? at : found[at + 1];
      return found;
    });
    return next[Math.min(from, this.text.length)];
  }

  // The next run of exactly so many backticks.
  ticks(length, from) {
    const all = this.once("ticks", () => {
      const found = new Map();
      for (const { 0: { length: many }, index } of this.text.matchAll(/`+/g)) {
        if (!found.has(many)) found.set(many, []);
        found.get(many).push(index);
      }
      return found;
    }).get(length) ?? [];
    let low = 0;
    for (let high = all.length; low < high;) {
      const middle = (low + high) >> 1;
      if (all[middle] < from) low = middle + 1; else high = middle;
    }
    return all[low] ?? NEVER;
  }

  // What closes each bracket, `[` and `(` each for themselves.
  brackets(open, close) {
    return this.once(open, () => {
      const match = new Int32Array(this.text.length + 2).fill(NEVER);
      const waiting = [];
      for (let at = 0; at < this.text.length; at++) {
        const char = this.text[at];
        if (char === "\\") at++;
        else if (char === open) waiting.push(at);
        else if (char === close && waiting.length) match[waiting.pop()] = at;
      }
      return match;
    });
  }

  sticky(rule, at, end) {
    rule.lastIndex = at;
    const found = rule.exec(this.text);
    return found && rule.lastIndex <= end ? found : null;
  }

  range(start, end, context) {
    const { text } = this;
    if (context.depth > DEEPEST) return start < end ? [text.slice(start, end)] : [];
    const out = [];
    let { line } = context;
    let plain = "";
    for (let at = start; at < end;) {
      const made = (line < WITHIN && context.blocks && !context.label && this.block(at, end, context, line)) || this.inline(at, end, start, context, line);
      if (made) {
        if (typeof made.node === "string") plain += made.node;
        else {
          if (plain) out.push(plain);
          plain = "";
          out.push(made.node);
        }
        at = made.next;
        line = made.fresh ? LINE_START : WITHIN;
      } else {
        const char = text[at++];
        plain += char;
        line = char === "\n" ? LINE_START : char === " " && line < WITHIN ? INDENT : WITHIN;
      }
    }
    if (plain) out.push(plain);
    return out;
  }

  // Blocks, which begin where a line does

  block(at, end, context, line) {
    switch (this.text[at]) {
      case "#": return line === LINE_START && !context.lists && this.heading(at, end, context);
      case ">": return !context.quoted && this.quote(at, end, context);
      case "-": return (line === LINE_START && this.subtext(at, end, context)) || this.list(at, end, context);
      case "*": case "0": case "1": case "2": case "3": case "4": case "5": case "6": case "7": case "8": case "9":
        return this.list(at, end, context);
      default: return null;
    }
  }

  lineEnd(at, end) {
    const found = this.text.indexOf("\n", at);
    return found < 0 || found > end ? end : found;
  }

  heading(at, end, context) {
    const mark = this.sticky(/#{1,3}(?!#)\s+(?!\s|#)/y, at, end);
    if (!mark) return null;
    const begin = at + mark[0].length;
    const stop = this.lineEnd(begin, end);
    let last = stop;
    while (last > begin && this.text[last - 1] === " ") last--;
    while (last > begin && this.text[last - 1] === "#") last--;
    while (last > begin && this.text[last - 1] === " ") last--;
    if (last === begin) return null;
    return this.lineMark({ t: "h", level: mark[0].trimEnd().length }, begin, last, stop, end, context);
  }

  subtext(at, end, context) {
    const mark = this.sticky(/-# +(?!-# |\s)/y, at, end);
    if (!mark) return null;
    const begin = at + mark[0].length;
    const stop = this.lineEnd(begin, end);
    return begin < stop ? this.lineMark({ t: "sub" }, begin, stop, stop, end, context) : null;
  }

  lineMark(node, begin, last, stop, end, context) {
    node.c = this.range(begin, last, { ...context, line: LINE_START, depth: context.depth + 1 });
    return { node, next: Math.min(stop + 1, end), fresh: true };
  }

  quote(at, end, context) {
    const { text } = this;
    let quoted, next = at;
    if (text.startsWith(">>> ", at)) {
      quoted = text.slice(at + 4, end);
      next = end;
    } else {
      const lines = [];
      for (let mark; (mark = this.sticky(/ *> /y, next, end));) {
        const stop = this.lineEnd(next + mark[0].length, end);
        lines.push(text.slice(next + mark[0].length, stop));
        next = Math.min(stop + 1, end);
      }
      if (!lines.length) return null;
      quoted = lines.join("\n");
    }
    return { node: { t: "quote", c: this.inner(quoted, { ...context, quoted: true }) }, next, fresh: true };
  }

  list(at, end, context) {
    if (context.lists >= DEEPEST_LIST) return null;
    const items = [];
    let start = null, next = at;
    for (let mark; (mark = this.sticky(/(?:[*-]|(\d{1,10})\.) +/y, next, end)) && next + mark[0].length < end;) {
      if (!items.length && mark[1]) start = Math.min(Math.max(Number(mark[1]), 1), 1e9);
      const begin = next + mark[0].length;
      let stop = this.lineEnd(begin + 1, end);
      while (this.text[stop] === "\n" && this.text[stop + 1] === " " && stop + 1 < end) stop = this.lineEnd(stop + 1, end);
      const item = this.text.slice(begin, stop).replace(new RegExp(`^ {1,${Math.min(mark[0].length, 20)}}`, "gm"), "");
      items.push(this.inner(item, { ...context, lists: context.lists + 1 }));
      next = Math.min(stop + 1, end);
    }
    return items.length ? { node: { t: "list", start, items }, next, fresh: true } : null;
  }

  // A quote's or an item's text is no slice of this one: each line loses its mark.
  inner(text, context) {
    return new Reader(text).range(0, text.length, { ...context, line: LINE_START, depth: context.depth + 1 });
  }

  // Marks within a line

  inline(at, end, start, context, line) {
    const { text } = this;
    switch (text[at]) {
      case "\\": return at + 1 < end && !/[A-Za-z0-9\s]/.test(text[at + 1]) ? { node: text[at + 1], next: at + 2 } : null;
      case "`": return (context.blocks && !context.label && this.codeBlock(at, end)) || this.code(at, end);
      case "*": case "_": return this.emphasis(at, end, context, line);
      case "~": return this.paired("s", "~", at, end, context, line);
      case "|": return this.paired("spoiler", "|", at, end, context, line);
      case "<": return this.angle(at, end, context);
      case "[": return context.label ? null : this.masked(at, end, context);
      case "@": return context.label ? null : this.everyone(at, end);
      case "h": return context.label || (at > start && WORD.test(text[at - 1])) ? null : this.address(at, end);
      case "¯": return text.startsWith(SHRUG, at) ? { node: SHRUG, next: at + SHRUG.length } : null;
      default: return null;
    }
  }

  wrapped(t, from, to, next, context, line) {
    return { node: { t, c: this.range(from, to, { ...context, line, depth: context.depth + 1 }) }, next };
  }

  // `*a*` and `**a**` (and with `_`): whichever of the two takes in more.
  emphasis(at, end, context, line) {
    const mark = this.text[at];
    const single = this.single(mark, at, end);
    const double = this.text[at + 1] === mark && at + 1 < end ? this.double(mark, at, end) : null;
    if (double && !(single && single.next >= double.next)) {
      return this.wrapped(mark === "*" ? "b" : "u", at + 2, double.to, double.next, context, line);
    }
    return single && this.wrapped("i", at + 1, single.to, single.next, context, line);
  }

  // Pairs inside are skipped, so the first run of odd length closes; what spoils that one spoils all.
  single(mark, at, end) {
    const { text } = this;
    const runs = this.runs(mark);
    let from = at + 1;
    if (from >= end || (mark === "*" && /\s/.test(text[from]))) return null;
    let next = NEVER;
    if (text[from] === mark) {
      const stop = Math.min(runs.to[from], end);
      if ((stop - from) % 2) {
        if (stop - from === 1) return null;
        next = stop;
      }
      from = stop;
    }
    if (next === NEVER) next = this.closing(runs, mark, runs.odd[from], from, end, (length) => length % 2);
    if (next === NEVER) return null;
    let to = next - 1;
    if (mark === "_") {
      if (next < end && WORD.test(text[next])) return null;
    } else if (Math.max(runs.from[to], from) === to && /\s/.test(text[to - 1])) {
      // One or two blanks before the closing mark are forgiven, and dropped.
      const blanks = text[to - 2] === " " && text[to - 1] === " " ? 2 : text[to - 1] === " " ? 1 : 3;
      to -= blanks;
      if (blanks > 2 || /\s/.test(text[to - 1])) return null;
    }
    return to > at + 1 ? { to, next } : null;
  }

  // The last two of the first run of at least two close, if there is something between.
  double(mark, at, end) {
    const runs = this.runs(mark);
    let from = at + 2;
    if (from < end && this.text[from] === mark) {
      const stop = Math.min(runs.to[from], end);
      if (stop - from > 2) return { to: stop - 2, next: stop };
      from = stop;
    }
    const next = this.closing(runs, mark, runs.two[from], from, end, (length) => length > 1);
    return next === NEVER ? null : { to: next - 2, next };
  }

  // A run that reaches over the end of what is being read counts as far as the end.
  closing(runs, mark, next, from, end, fits) {
    if (next <= end) return next;
    const last = from < end && this.text[end - 1] === mark ? runs.from[end - 1] : -1;
    return last >= from && fits(end - last) ? end : NEVER;
  }

  paired(t, mark, at, end, context, line) {
    if (this.text[at + 1] !== mark || at + 1 >= end) return null;
    let to = this.pairs(mark, mark === "~" ? "_" : undefined)[Math.min(at + 3, this.text.length)];
    if (to + 2 > end) to = end - 2 >= at + 3 && this.text[end - 1] === mark && this.text[end - 2] === mark ? end - 2 : NEVER;
    return to === NEVER ? null : this.wrapped(t, at + 2, to, to + 2, context, line);
  }

  code(at, end) {
    let many = 1;
    while (this.text[at + many] === "`") many++;
    for (let length = many; length; length--) {
      const stop = this.ticks(length, at + many);
      if (stop + length <= end) {
        const inside = this.text.slice(at + length, stop).replace(/^ (?= *`)/, "").replace(/(?<=` *) $/, "");
        return { node: { t: "code", text: inside }, next: stop + length };
      }
    }
    return { node: this.text.slice(at, Math.min(at + many, end)), next: Math.min(at + many, end) };
  }

  codeBlock(at, end) {
    if (!this.text.startsWith("```", at)) return null;
    const named = this.sticky(/```([A-Za-z0-9_+\-.#]*)\n/y, at, end);
    return (named && this.fenced(at + named[0].length, end, named[1] || null)) || this.fenced(at + 3, end, null);
  }

  fenced(from, end, language) {
    let first = from;
    while (this.text[first] === "\n") first++;
    const stop = this.fence(first + 1);
    if (stop + 3 > end) return null;
    const next = stop + 3 < end && this.text[stop + 3] === "\n" ? stop + 4 : stop + 3;
    return { node: { t: "pre", language, text: this.text.slice(first, stop).replace(/\n+$/, "") }, next, fresh: next > stop + 3 };
  }

  // What stands in angle brackets

  angle(at, end, context) {
    const time = this.sticky(/<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, at, end);
    if (time && Math.abs(Number(time[1])) <= 8.64e12) return { node: { t: "time", seconds: Number(time[1]), style: time[2] ?? "f" }, next: at + time[0].length };
    const emoji = this.sticky(/<a?:(\w{1,64}):\d{1,20}>/y, at, end);
    if (emoji) return { node: { t: "emoji", name: emoji[1] }, next: at + emoji[0].length };
    if (context.label) return null;
    const mention = this.sticky(/<(@!?|@&|#)(\d{1,20})>/y, at, end);
    if (mention) return { node: { t: { "@&": "role", "#": "channel" }[mention[1]] ?? "user", id: mention[2] }, next: at + mention[0].length };
    const command = this.sticky(/<\/([^\s<>:/]{1,32}(?: [^\s<>:/]{1,32}){0,2}):\d{1,20}>/y, at, end);
    if (command) return { node: { t: "command", path: command[1] }, next: at + command[0].length };
    const place = this.sticky(/<id:(browse|customize|guide|linked-roles)>/y, at, end);
    if (place) return { node: { t: "place", id: place[1] }, next: at + place[0].length };
    const quiet = this.sticky(/<(https?:\/\/[^\s<>]{1,2048})>/iy, at, end);
    return quiet && web(quiet[1]) ? { node: { t: "link", url: quiet[1], c: null }, next: at + quiet[0].length } : null;
  }

  everyone(at, end) {
    const found = this.sticky(/@(?:everyone|here)/y, at, end);
    return found && { node: { t: "everyone", text: found[0] }, next: at + found[0].length };
  }

  // Addresses. What ends a sentence does not belong to one, nor does a bracket that it did not open.
  address(at, end) {
    if (!this.sticky(/https?:\/\//y, at, end)) return null;
    let stop = at + 7;
    while (stop < end && !/[\s<]/.test(this.text[stop])) stop++;
    while (stop > at + 8 && /[.,:;"'\]]/.test(this.text[stop - 1])) stop--;
    let url = this.text.slice(at, stop);
    const closed = url.length - url.replace(/\)+$/, "").length;
    if (closed && closed > url.split("(").length - 1) url = url.slice(0, -1);
    return /\/\/../.test(url) && web(url) ? { node: { t: "link", url, c: null }, next: at + url.length } : { node: url, next: at + url.length };
  }

  // [label](address "title")
  masked(at, end, context) {
    const { text } = this;
    let close = this.brackets("[", "]")[at];
    if (close < end && text[close + 1] !== "(") {
      // A bracket too many in the label does no harm.
      const further = this.sticky(/\][^[\]]{0,200}(?=\]\()/y, close, end);
      close = further ? close + further[0].length : NEVER;
    }
    const last = close + 1 < end && text[close + 1] === "(" ? this.brackets("(", ")")[close + 1] : NEVER;
    if (last >= end || last - close > LONGEST_TARGET) return null;
    const target = /^\s*(?:<([^\s>]+)>|([^\s<]\S*))(?:\s+(?:"(.*)"|'(.*)'))?\s*$/s.exec(text.slice(close + 2, last));
    if (!target) return null;
    const label = text.slice(at + 1, close);
    const url = (target[1] ?? target[2]).replace(/\\([^A-Za-z0-9\s])/g, "$1");
    const next = last + 1;
    // A label that looks like an address itself, or that mentions, is how one would be misled.
    if (!label.trim() || /https?:\/\/|discord\.gg\/|<[@#/]|@everyone|@here/i.test(label) || !web(url)) return { node: text.slice(at, next), next };
    const c = this.range(at + 1, close, { ...context, line: WITHIN, depth: context.depth + 1, label: true });
    return { node: { t: "link", url, c, title: target[3] ?? target[4] }, next };
  }
}

/** Whether this is an address that a browser may open. */
export function web(url) {
  return /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url);
}
