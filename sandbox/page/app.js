// The sandbox's page: a Discord to look at and to use, as any of the sandbox's members.

import { Actions } from "./actions.js";
import { Composer } from "./compose/composer.js";
import { $ } from "./dom.js";
import { showHead } from "./frame/head.js";
import { showSide } from "./frame/side.js";
import { showTools } from "./frame/tools.js";
import { Messages } from "./frame/messages.js";
import { World } from "./world.js";

const world = new World();
const actions = new Actions(world);
showSide($("side"), world);
showHead($("head"), world);
new Messages($("channel"), world, actions);
new Composer($("compose"), world, actions);
showTools($("tools"), world);
