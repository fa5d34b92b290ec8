// What goes to and fro between the bot and this Discord.

import { h } from "../dom.js";

const MOST = 500;
const KINDS = {
  interaction: ["→", "To the bot"], response: ["←", "Answer"], request: ["↖", "Request of the bot"], gateway: ["⇄", "Line"],
  violation: ["!", "Violation"],
};
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const LONG_ID = /\d{15,}/g;
const COUNT_MS = 600;

/** {name, node, watch(on)}: a tab of the tools. `counted(n)` hears how many violations there are. */
export function wirePanel(world, counted) {
  const list = h("ol", { class: "wire", aria: { label: "Wire" } });
  const empty = h("p", { class: "note" }, "Nothing yet. Use a command and see what is said.");
  const pause = h("button", { type: "button", aria: { pressed: "false" }, on: { click: () => hold(!paused) } }, "Pause");
  const clear = h("button", { type: "button", on: { click: () => forget() } }, "Clear");
  const node = h("div", { class: "panel" },
    h("div", { class: "buttons" }, pause, clear),
    empty, list);

  let on = false, paused = false, waiting = [], frame = 0, violations = 0, forgotten = 0, newest = 0, counting;

  function hold(yes) {
    paused = yes;
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) flush();
  }
  function forget() {
    forgotten = violations;
    waiting = [];
    list.replaceChildren();
    drawn();
    counted(0);
  }
  function drawn() {
    empty.hidden = Boolean(list.firstChild);
    pause.textContent = paused && waiting.length ? `Pause (${waiting.length} more)` : "Pause";
  }
  // Many come at once; they are drawn together, before the next frame.
  function take(entries) {
    // A line that is back begins with what was seen already, and a new sandbox counts from 1 again.
    const fresh = entries.filter((one) => one.n == null || one.n > newest);
    newest = fresh.at(-1)?.n ?? newest;
    waiting = [...waiting, ...fresh].slice(-MOST);
    if (fresh.some((one) => one.kind === "violation")) count();
    if (!paused && !frame) frame = requestAnimationFrame(flush);
    if (paused) drawn();
  }
  function flush() {
    frame = 0;
    const end = node.scrollHeight - node.scrollTop - node.clientHeight < 40;
    list.append(...waiting.map(line));
    waiting = [];
    while (list.childElementCount > MOST) list.firstChild.remove();
    drawn();
    if (end) node.scrollTop = node.scrollHeight;
  }

  // Violations count even while nobody looks at the wire.
  function count() {
    counting ??= setTimeout(async () => {
      counting = undefined;
      const answer = await world.live.call("GET violations");
      violations = answer.violations?.length ?? violations;
      if (violations < forgotten) forgotten = 0;
      counted(violations - forgotten);
    }, COUNT_MS);
  }
  for (const kind of ["message", "bot"]) world.on(kind, count);

  async function ask() {
    const answer = await world.live.call("watch", { on });
    if (!on || !answer.trace) return;
    if ((answer.trace.at(-1)?.n ?? 0) < newest) newest = 0;
    take(answer.trace);
  }
  world.on("trace", (entry) => { if (on) take([entry]); });
  world.on("line", (state) => { if (state === "open" && on) ask(); });
  const watch = (yes) => {
    if (yes === on) return;
    on = yes;
    if (world.lineState === "open") ask();
  };
  return { name: "Wire", node, watch };
}

// One line, which opens to the body; that is only written out when it is looked at.
function line(entry) {
  const [sign, kind] = KINDS[entry.kind] ?? ["·", entry.kind];
  const failed = entry.status >= 400 || entry.kind === "violation";
  const summary = [
    h("span", { class: "sign", aria: { hidden: "true" } }, sign), h("span", { class: "heard" }, kind + ": "),
    h("span", { class: "name", title: entry.name }, entry.name.replace(LONG_ID, (id) => "…" + id.slice(-4))),
    entry.status != null && h("span", { class: "status" }, String(entry.status)),
    entry.ms != null && h("span", { class: "ms" }, `${entry.ms < 10 ? Number(entry.ms).toFixed(1) : Math.round(entry.ms)} ms`),
  ];
  const said = entry.body != null && !(typeof entry.body === "object" && !Object.keys(entry.body).length);
  const details = h("details", { title: TIME.format(new Date(entry.at)) }, h("summary", {}, summary));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      const text = typeof entry.body === "string" ? entry.body : JSON.stringify(entry.body, null, 2);
      details.append(h("pre", { tabindex: "0" }, said ? text : "Without a body."));
    }
  });
  return h("li", { class: [entry.kind, failed && "failed"].filter(Boolean).join(" ") }, details);
}
