import { loadConfig } from "@/config/mod.ts";
import { startNode } from "@/node.ts";
import { createNodeLogging } from "./logging.ts";

/** Runs a node until it is told to stop. @returns the exit code */
export async function runNode(args: readonly string[]): Promise<number> {
  const { config, notes, path } = loadConfig({ args });
  const { log, workerLogLevel } = createNodeLogging(config, Deno.stderr.isTerminal() ? "pretty" : "json");
  if (path !== undefined) log.info("Configuration read", { path });
  for (const note of notes) log[note.level](note.message);
  await using node = await startNode(config, { log, workerLogLevel, readEnv: (name) => Deno.env.get(name) });
  const signal = await untilToldToStop();
  log.info("Stopping", { signal, url: node.url });
  return 0;
}

/** Resolves with the first of SIGINT and SIGTERM; a second one ends the process at once. */
function untilToldToStop(): Promise<Deno.Signal> {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    let stopping = false;
    for (const signal of signals) {
      Deno.addSignalListener(signal, () => {
        if (stopping) Deno.exit(1);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
