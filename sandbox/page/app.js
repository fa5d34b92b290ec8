// The sandbox's page: a Discord to look at and to use, as any of the sandbox's members.

import { Actions } from "./actions.js";
import { isLetter } from "./compose/bits.js";
import { Composer } from "./compose/composer.js";
import { $ } from "./dom.js";
import { Drawer } from "./frame/drawer.js";
import { showGuide } from "./frame/guide.js";
import { showHead } from "./frame/head.js";
import { Messages } from "./frame/messages.js";
import { showSide } from "./frame/side.js";
import { showTools } from "./frame/tools.js";
import { World } from "./world.js";

const world = new World();
const actions = new Actions(world);

const narrow = matchMedia("(max-width: 760px)");
const drawer = new Drawer($("side"), {
  name: "Channels", sign: "menu", covers: () => narrow.matches, shown: (open) => { $("side").classList.toggle("open", open); },
});
showSide($("side"), world, drawer);
showHead($("head"), $("banners"), world, drawer, showTools($("tools"), world));
const composer = new Composer($("compose"), world, actions);
new Messages($("channel"), world, actions, composer);
showGuide($("guide"), world, actions, composer);

// Typing goes to the box from wherever nothing else wants the key.
addEventListener("keydown", (event) => {
  const idle = event.target === document.body || event.target.matches?.("[role=log] > [data-id], #servers button, #channels button");
  if (idle && isLetter(event) && !event.defaultPrevented) composer.focus?.();
});
