import { loadConfig } from "@/config/mod.ts";
import { type Logger, systemClock } from "@/context/mod.ts";
import { serializeError } from "@/domain/mod.ts";
import { startNode } from "@/node.ts";
import { createNodeLogging } from "./logging.ts";
import { connectServiceManager } from "./service/notify.ts";
import { Reloader } from "./service/reload.ts";
import { startWatchdog } from "./service/watchdog.ts";

/** A defect ends the node so that whoever started it starts it again; `1` would say that this is of no use. */
const EXIT_DEFECT = 75;

/** Runs a node until it is told to stop. @returns the exit code */
export async function runNode(args: readonly string[]): Promise<number> {
  const readEnv = (name: string) => Deno.env.get(name);
  const { config, notes, path } = loadConfig({ args });
  const { log, ...logging } = createNodeLogging(config, Deno.stderr.isTerminal() ? "pretty" : "json");
  if (path !== undefined) log.info("Configuration read", { path });
  for (const note of notes) log[note.level](note.message);
  endAtDefects(log);
  using manager = connectServiceManager({ readEnv, pid: Deno.pid }, { log, clock: systemClock });
  // From here on, since what is not listened to would end the process.
  const hangups = listenToHangups();
  await using node = await startNode(config, { log, ...logging, readEnv });
  await manager.tell({ READY: "1", STATUS: `Serving at ${node.url}` });
  const reloader = new Reloader({ log, manager, node, load: () => loadConfig({ args }) });
  hangups.onHangup(() => void reloader.request());
  const watchdog = manager.watchdogMs === undefined ? undefined : startWatchdog(manager.watchdogMs, {
    log,
    clock: systemClock,
    manager,
    silent: (signal) => node.silentWorkers(signal),
  });
  const signal = await untilToldToStop();
  hangups.onHangup(() => {});
  log.info("Stopping", { signal, url: node.url });
  await watchdog?.[Symbol.asyncDispose]();
  await manager.tell({ STOPPING: "1", STATUS: "Finishing what is under way" });
  return 0;
}

/** What nobody caught: the process would end with 1, as if somebody had to change something first. */
function endAtDefects(log: Logger): void {
  const end = (event: Event, error: unknown) => {
    event.preventDefault();
    log.error("The node ends because of a defect", { cause: serializeError(error) });
    Deno.exit(EXIT_DEFECT);
  };
  addEventListener("error", (event) => end(event, event.error));
  addEventListener("unhandledrejection", (event) => end(event, event.reason));
}

/**
 * SIGHUP as the request to read the configuration again. A node in a terminal ends with it instead, as everything there
 * does. One that came before somebody listened is not forgotten.
 */
function listenToHangups(): { onHangup(listener: () => void): void } {
  let came = false;
  let listener: (() => void) | undefined;
  if (Deno.build.os !== "windows" && !Deno.stdin.isTerminal()) {
    Deno.addSignalListener("SIGHUP", () => {
      came = true;
      listener?.();
    });
  }
  return {
    onHangup: (added) => {
      listener = added;
      if (came) added();
    },
  };
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
