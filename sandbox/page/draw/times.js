// Moments, told by the sandbox's clock.

import { h } from "../dom.js";

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" }, S: { dateStyle: "short", timeStyle: "medium" },
};
const formats = new Map();

/** A moment in one of Discord's styles but the relative one. */
export function told(moment, style) {
  if (!formats.has(style)) formats.set(style, new Intl.DateTimeFormat("en-GB", STYLES[style]));
  return formats.get(style).format(moment);
}

const UNITS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

/** "in 5 minutes", "an hour ago". */
export function relative(moment, now) {
  let amount = (moment - now) / 1000;
  const later = amount >= 0;
  amount = Math.round(Math.abs(amount));
  for (const [unit, size] of UNITS) {
    if (amount < size) {
      const said = amount === 1 ? `${unit === "hour" ? "an" : "a"} ${unit}` : `${amount} ${unit}s`;
      return later ? `in ${said}` : `${said} ago`;
    }
    // Months and years are not 30 days and 12 of those, but near enough.
    amount = Math.round(unit === "day" ? amount / 30.44 : amount / size);
  }
  return "";
}

/** "Today at 12:47", "Yesterday at 12:47", or the date. */
export function when(moment, now) {
  const day = (one) => new Date(one).setHours(0, 0, 0, 0);
  const days = Math.round((day(now) - day(moment)) / 86400e3);
  if (days === 0) return `Today at ${told(moment, "t")}`;
  if (days === 1) return `Yesterday at ${told(moment, "t")}`;
  if (days === -1) return `Tomorrow at ${told(moment, "t")}`;
  return told(moment, "s");
}

const followed = new WeakSet();
const relatives = document.getElementsByClassName("relative");
const dated = document.getElementsByClassName("when");
let today;

// Texts of the page that time changes are told again: the relative ones each second, the dated
// ones with each new day, all of them when the clock jumps.
function follow(world) {
  if (followed.has(world)) return;
  followed.add(world);
  const again = (nodes) => {
    for (const node of nodes) {
      const text = node.tell?.() ?? node.textContent;
      if (node.textContent !== text) node.textContent = text;
    }
  };
  const tick = () => {
    again(relatives);
    const day = world.now().toDateString();
    if (day !== today) again(dated);
    today = day;
  };
  world.on?.("clock", tick);
  setInterval(tick, 1000);
}

// Written out in full when one points at it: working that out for each would take long.
function entitle({ target }) { target.title = told(new Date(target.dateTime), "F"); }

function time(moment, name, tell, world) {
  const node = h("time", { class: name, datetime: moment.toISOString(), on: { pointerenter: entitle } }, tell());
  node.tell = tell;
  follow(world);
  return node;
}

/** A timestamp within a text, `<t:…>`. */
export function stamp(seconds, style, world) {
  const moment = new Date(seconds * 1000);
  return style === "R"
    ? time(moment, "stamp relative", () => relative(moment, world.now()), world)
    : time(moment, "stamp", () => told(moment, style), world);
}

/** When a message was written: "Today at 12:47". */
export function written(iso, world) {
  const moment = new Date(iso);
  return time(moment, "when", () => when(moment, world.now()), world);
}
