import { WavsError } from "@/domain/mod.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { runCollection } from "./gc.ts";

/**
 * `wavs component …`.
 *
 * @returns the exit code of a success
 */
export async function runComponent(args: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "gc":
      return await runCollection(rest, terminal);
    case undefined:
    case "--help":
    case "-h":
      terminal.line(
        "wavs component gc: remove stored components that belong to no service; see wavs component gc --help",
      );
      return 0;
    default:
      throw new WavsError("unknown_command", {
        message: `There is no command "component ${command}"; there is component gc`,
        retryable: false,
      });
  }
}
