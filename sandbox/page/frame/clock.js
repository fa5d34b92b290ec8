// The sandbox's time, and ways to get ahead in it.

import { h } from "../dom.js";
import { notice } from "./say.js";

const HOUR = 3600;
const WHEN = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** {name, node, watch(on)}: a tab of the tools. */
export function clockPanel(world) {
  const time = h("strong", { class: "time" });
  const date = h("span", {});
  const due = h("p", { class: "note", id: "due" });
  const jump = (label, body, props) => h("button", {
    type: "button", ...props, on: { click: async () => notice((await world.call("POST clock", body)).error) },
  }, label);
  const next = jump("To the next daily post", { to: "next post" }, { aria: { describedby: "due" } });
  const node = h("div", { class: "panel clock" },
    h("p", { class: "now" }, time, date),
    h("p", { class: "note" }, "The time of this Discord. The bot goes by it, and it only moves ahead."),
    h("div", { class: "buttons" }, jump("An hour on", { by_seconds: HOUR }), jump("A day on", { by_seconds: 24 * HOUR }), next),
    due);

  const tick = () => {
    const now = world.now();
    time.textContent = TIME.format(now);
    date.textContent = DATE.format(now);
  };
  world.on("clock", tick);
  world.on("state", () => {
    const at = world.state.next_post;
    next.disabled = !at;
    due.textContent = at ? `It is due on ${WHEN.format(new Date(at))}.`
      : "No daily post is set up. A moderator does that with /daily setup.";
  });

  let timer;
  const watch = (on) => {
    clearInterval(timer);
    if (!on) return;
    tick();
    timer = setInterval(tick, 1000);
  };
  return { name: "Clock", node, watch };
}
