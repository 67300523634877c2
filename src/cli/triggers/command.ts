import { WavsError } from "@/domain/mod.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { runExplain } from "./explain.ts";
import { runGaps } from "./gaps.ts";

const HELP = `wavs triggers: what fired, and what did not

  wavs triggers gaps             compare a chain with what is recorded, between two heights
  wavs triggers explain EVENT    why something fired or did not, and what came of it

  Both look at the data directory of a node, running or not, and change nothing.`;

/**
 * `wavs triggers …`.
 *
 * @returns the exit code
 */
export async function runTriggers(args: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "gaps":
      return await runGaps(rest, terminal);
    case "explain":
      return await runExplain(rest, terminal);
    case undefined:
    case "--help":
    case "-h":
      terminal.line(HELP);
      return 0;
    default:
      throw new WavsError("unknown_command", {
        message: `There is no command "triggers ${command}"; there are triggers gaps and triggers explain`,
        retryable: false,
      });
  }
}
