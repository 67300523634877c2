/**
 * Runs what the README shows: its commands, one after the other as a newcomer types them, its configurations, its
 * service document, and the names of commands and tasks in its sentences. Exits 1 with the line that is not true.
 *
 *   deno task check:readme [FILE]
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { COMMANDS } from "@/cli/commands.ts";
import { parseService } from "@/domain/mod.ts";
import { type CodeBlock, codeBlocks, commandsOf, inlineCommands } from "./check_readme/blocks.ts";
import { Newcomer } from "./check_readme/newcomer.ts";
import { INSTEAD, STAYS_UP } from "./check_readme/commands.ts";
import { say } from "./script.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const markdown = await Deno.readTextFile(Deno.args[0] ?? `${ROOT}README.md`);
const blocks = codeBlocks(markdown);
const instead = new Set(INSTEAD.keys());
await using newcomer = await Newcomer.arrive(ROOT);
let output = "";
for (const block of blocks) {
  if (block.language === "sh") output = await runCommands(block);
  else if (block.language === "text") checkOutput(block, output);
  else if (block.language === "toml") await newcomer.readsConfiguration(block.text);
  else if (block.language === "json") parseService(block.text);
  else if (block.language !== "mermaid") throw new Error(`README.md:${block.line}: nothing checks "${block.language}"`);
}
if (instead.size > 0) {
  throw new Error(`README.md shows no longer: ${[...instead].join(", ")}; see scripts/check_readme/`);
}
await checkNames();
say("\nREADME.md is true");

/** @returns what the last of them printed */
async function runCommands(block: CodeBlock): Promise<string> {
  let printed = "";
  for (const { command, line } of commandsOf(block)) {
    const other = INSTEAD.get(command);
    instead.delete(command);
    say(`\n$ ${command}`);
    if (other !== undefined) say(`  ${other.command ?? "not run"}: ${other.why}`);
    if (other !== undefined && other.command === undefined) continue;
    const run = other?.command ?? command;
    try {
      if (STAYS_UP.test(run)) await newcomer.starts(run);
      else printed = await newcomer.runs(run);
    } catch (error) {
      throw new Error(`README.md:${line}: "${command}" does not do what it should`, { cause: error });
    }
  }
  return printed;
}

/** The example of an output names the same steps in the same order; numbers and addresses are of another day. */
function checkOutput({ text, line }: CodeBlock, actual: string): void {
  const stepsOf = (lines: string) => lines.split("\n").map(stepOf).filter((step) => step !== undefined).join(", ");
  const [shown, real] = [stepsOf(text), stepsOf(actual)];
  if (shown !== real) throw new Error(`README.md:${line}: the steps shown are ${shown}, and are ${real}`);
}

/** `✔ node …`, `36 ms  detected …` */
function stepOf(line: string): string | undefined {
  return /^\s*(?:✔\s+|[\d.]+ ms\s+)(\w+)/.exec(line)?.[1];
}

async function checkNames(): Promise<void> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)) as { tasks: Record<string, unknown> };
  const known = {
    task: (name: string) => name in tasks,
    command: (name: string, sub: string | undefined) => {
      const entry = COMMANDS.find((command) => command.name === name);
      return entry !== undefined &&
        (sub === undefined || entry.subcommands.length === 0 || entry.subcommands.includes(sub));
    },
  };
  for (const { kind, name, sub, line } of inlineCommands(markdown)) {
    const isKnown = kind === "task" ? known.task(name) : known.command(name, sub);
    if (!isKnown) throw new Error(`README.md:${line}: there is no ${kind} "${[name, sub ?? []].flat().join(" ")}"`);
  }
}
