// The slash commands that are offered, and the one that a person looks for.

import { ranked } from "./things.js";

const SUBCOMMAND = 1, GROUP = 2, SLASH = 1;

/** Sub-commands of all commands as {path, description, options, app}, in the bot's own order. */
export function flatten(commands) {
  const out = [];
  for (const command of commands) if ((command.type ?? SLASH) === SLASH) walk(command, [command.name], command.application_id, out);
  return out;
}

function walk(node, path, app, out) {
  const nested = (node.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
  if (!nested.length) out.push({ path: path.join(" "), description: node.description, options: node.options ?? [], app });
  for (const child of nested) walk(child, [...path, child.name], app, out);
}

/** Those that the words after the slash may mean: begun so, then with words begun so, then with them anywhere. */
export function matching(commands, typed) {
  const wanted = typed.toLowerCase().trim();
  const words = wanted.split(/\s+/);
  const rank = ({ path }) => {
    if (path.startsWith(wanted)) return 0;
    const own = path.split(" ");
    if (words.every((word) => own.some((one) => one.startsWith(word)))) return 1;
    return words.every((word) => path.includes(word)) ? 2 : 3;
  };
  return ranked(commands, rank, 3);
}

/** The command that was typed in full with a space behind it, and what follows: {command, rest}; or null. */
export function typedThrough(commands, typed) {
  const words = typed.toLowerCase();
  const command = commands.filter(({ path }) => words.startsWith(path + " ")).sort((a, b) => b.path.length - a.path.length)[0];
  if (!command || commands.some(({ path }) => path.startsWith(words.trimEnd() + " "))) return null;
  return { command, rest: typed.slice(command.path.length + 1).trimStart() };
}

/** "spike rating:Mature" as values by option; what stands before the first name is the first option's. */
export function typedOptions(command, rest) {
  const values = {};
  const names = command.options.map((one) => one.name);
  const cut = new RegExp(`(?:^|\\s)(${names.join("|") || "(?!)"}):\\s*`);
  const [plain, ...named] = rest.split(cut);
  const first = command.options.find((one) => one.required) ?? command.options[0];
  if (plain && first) values[first.name] = plain;
  for (let at = 0; at < named.length; at += 2) values[named[at]] = named[at + 1];
  return values;
}
