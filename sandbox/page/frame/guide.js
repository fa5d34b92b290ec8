// A newcomer's first minute: three things to try, one press each.

import { h } from "../dom.js";
import { icon } from "../draw/icons.js";
import { keep, kept } from "../store.js";
import { announce } from "./say.js";
import { become } from "./side.js";

const HOME = "general";
const DESK = "mod-desk";
const POSTS = "daily-rec";

/**
 * A card in `general` while nobody has done anything there; from the first step on a strip above
 * every channel, until all is done or it is closed.
 */
export function showGuide(root, world, actions, composer) {
  const done = new Set((kept("steps", true) ?? "").split(" ").filter(Boolean));
  const alert = h("p", { class: "bad", role: "alert" });
  const steps = [
    ["Find a fic", "Asks the bot for stories about Spike.", find],
    ["Add a story", "As moderator, with a sample file.", add],
    ["See the daily post", "Moves the clock on to it.", daily],
  ].map(([name, note, run], at) => ({
    name, run,
    sign: h("span", { class: "sign", aria: { hidden: "true" } }),
    state: h("span", { class: "heard" }),
    button: h("button", { type: "button", aria: { describedby: "step-" + at }, on: { click: () => take(at) } }, name),
    note: h("span", { class: "note", id: "step-" + at }, note),
  }));
  const intro = h("p", {});
  const card = h("div", { class: "card" },
    h("section", { aria: { label: "First steps" } },
      h("div", { class: "top" }, h("h2", {}, "First steps"), intro),
      h("ol", {}, steps.map((one) => h("li", {}, one.sign, one.button, one.state, one.note))), alert),
    h("button", { type: "button", class: "plain", aria: { label: "Close first steps" }, on: { click: close } }, icon("close")));

  let busy = false, begun = done.size > 0, awaited = null;

  world.on("loaded", (messages) => {
    const fresh = world.channel?.name === HOME && !messages.some((one) => !one.bot || one.invoked_by);
    begun ||= fresh;
    if (begun && !kept("guide")) { if (!card.isConnected) root.append(card); } else card.remove();
    card.classList.toggle("full", fresh && !done.size);
    awaited = world.channelId === awaited ? awaited : null;
    draw();
  });

  function draw() {
    const all = done.size === steps.length;
    steps.forEach(({ sign, state, button }, at) => {
      const ticked = done.has(String(at));
      sign.replaceChildren(ticked ? icon("tick") : String(at + 1));
      sign.classList.toggle("done", ticked);
      state.textContent = ticked ? " (done)" : "";
      button.setAttribute("aria-busy", String(busy === at));
    });
    intro.textContent = all ? "That was the tour. Type / for everything else."
      : "A Discord of your own, with the bot in it. Nothing here leaves this machine.";
    card.classList.toggle("all", all);
  }

  async function take(at) {
    if (busy !== false) return;
    busy = at;
    alert.textContent = "";
    draw();
    const trouble = await steps[at].run();
    busy = false;
    if (trouble) alert.textContent = trouble;
    if (trouble === null) tick(at);
    draw();
  }

  function tick(at) {
    done.add(String(at));
    keep("steps", [...done].join(" "), true);
    card.classList.remove("full");
    announce(`${steps[at].name}: done.`);
    draw();
  }

  // Whoever finds their own way needs the room more than the card.
  world.on("message", (message) => { if (message.channel_id === world.channelId) card.classList.remove("full"); });

  // A story is added once the bot has something to say about it.
  world.on("message", (message, kind) => {
    if (kind !== "message" || message.channel_id !== awaited || !message.bot) return;
    awaited = null;
    tick(1);
  });

  function close() {
    keep("guide", "closed");
    card.remove();
    composer.focus?.();
  }

  // As whom and where a step happens; a sentence where that cannot be.
  async function at(channel, name) {
    const sees = (who) => world.state.channels.find((one) => one.name === channel && one.server && one.visible_to.includes(who));
    const who = name ?? (sees(world.name) ? world.name : "member");
    const found = sees(who);
    if (!found) return `There is no #${channel} here that ${who} could see.`;
    if (world.name !== who) await become(world, who);
    if (world.channelId !== found.id) world.go(found.id);
    return null;
  }

  async function find() {
    return (await at(HOME)) ?? actions.command("fic search", { query: "spike" });
  }

  // The form that the bot opens comes with the sample in it: Submit is all that is left.
  async function add() {
    const trouble = await at(DESK, "moderator");
    if (trouble) return trouble;
    const file = await sample();
    const said = await actions.command("library add", {});
    if (said) return said;
    awaited = world.channelId;
    const input = document.querySelector("dialog[open] input[type=file]");
    if (!input || !file) return undefined;
    const chosen = new DataTransfer();
    chosen.items.add(file);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector("dialog[open] [type=submit]")?.focus();
    return undefined;
  }

  async function sample() {
    const { samples } = await world.live.call("GET samples");
    if (!samples?.length) return null;
    const { filename, base64, error } = await world.live.call("GET sample", { filename: samples[0].filename });
    return error ? null : new File([Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0))], filename, { type: "text/plain" });
  }

  async function daily() {
    const trouble = await at(POSTS, "moderator");
    if (trouble) return trouble;
    await world.refresh();
    if (!world.state.next_post) {
      const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
      const said = await actions.command("daily setup", { channel: world.channelId, time: "9:00", timezone });
      if (said) return said;
    }
    const here = world.channelId;
    const posted = new Promise((resolve) => {
      world.on("message", (message, kind) => {
        if (kind === "message" && message.channel_id === here && message.bot && !message.ephemeral) resolve(null);
      });
      setTimeout(() => resolve("The post has not come yet. It may take a moment longer."), 10_000);
    });
    const { error } = await world.call("POST clock", { to: "next post" });
    return error ?? posted;
  }

  draw();
}
