import { basename, resolve } from "node:path";
import { scaffoldComponent } from "@components/scaffold.ts";
import { type CommandOptions, invalidOption, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import type { Terminal } from "../terminal.ts";
import { onlyArgument } from "./only_argument.ts";

const OPTIONS = {
  world: {
    type: "string",
    value: "WORLD",
    help: "operator (default): answers triggers; aggregator: submits the answers",
  },
} as const satisfies CommandOptions;

const HELP = `wavs component new NAME: make a folder for a component in TypeScript

  NAME is the folder, or the path to it; nothing is overwritten. In it are component.ts with a few lines that run, the
  authoring package in wavs/, a README and the deno.json that editors need. It builds at once.

Examples
  wavs component new price_feed && wavs component build price_feed
  wavs component new --world aggregator services/submitter

Options
${optionsHelp(OPTIONS)}`;

/** Of the folder and so of the file: what needs no quotes in a shell. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * `wavs component new`.
 *
 * @returns the exit code of a success
 * @throws WavsError `component_exists`, `option_invalid`, `option_missing`
 */
export async function runNew(args: readonly string[], terminal: Terminal): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals } = parseCommand("component new", OPTIONS, args);
  const path = onlyArgument(positionals, { command: "component new", expected: "a name for the component" });
  const directory = resolve(path);
  const name = basename(directory);
  if (!NAME.test(name)) throw invalidOption("NAME", name, "letters, digits, _ and -, at most 64 of them");
  const files = await scaffoldComponent({ directory, world: parseWorld(options.world) });
  terminal.line(`Made ${path} with ${files.length} files; component.ts is yours to change`);
  terminal.line(`  wavs component build ${path}`);
  return 0;
}

function parseWorld(text = "operator"): "operator" | "aggregator" {
  if (text === "operator" || text === "aggregator") return text;
  throw invalidOption("--world", text, "operator or aggregator");
}
