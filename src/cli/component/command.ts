import { WavsError } from "@/domain/mod.ts";
import { createTerminal, type Terminal } from "../terminal.ts";

const HELP = `wavs component: write components, look into them, tidy them away

  new NAME        make a folder for a component in TypeScript
  build [DIR]     build a component from TypeScript
  inspect FILE    what a component asks for and what it costs
  gc              remove stored components that belong to no service

Each has its own --help. wavs exec FILE runs a component once.`;

/**
 * `wavs component …`. Commands are imported when they run.
 *
 * @returns the exit code of a success
 */
export async function runComponent(args: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "new":
      return await (await import("./new.ts")).runNew(rest, terminal);
    case "build":
      return await (await import("./build.ts")).runBuild(rest, terminal);
    case "inspect":
      return await (await import("./inspect.ts")).runInspect(rest, terminal);
    case "gc":
      return await (await import("./gc.ts")).runCollection(rest, terminal);
    case undefined:
    case "--help":
    case "-h":
      terminal.line(HELP);
      return 0;
    default:
      throw new WavsError("unknown_command", {
        message: `There is no command "component ${command}"; there are component new, build, inspect and gc`,
        retryable: false,
      });
  }
}
