import type { Clock, Logger } from "@/context/mod.ts";
import { SETTLED } from "@/context/mod.ts";
import { WATCHDOG_SHARE } from "./limits.ts";
import type { ServiceManager } from "./notify.ts";

export interface WatchdogModules {
  readonly log: Logger;
  readonly clock: Clock;
  readonly manager: ServiceManager;
  /** Names who does not answer before `signal` aborts. */
  readonly silent: (signal: AbortSignal) => Promise<readonly string[]>;
}

/**
 * Tells the service manager again and again that this node lives, for as long as it does.
 *
 * What that proves: the main isolate turns, since it is what asks; and so does every isolate the node cannot do without
 * (key, chains, triggers, network, downloads), since each has answered. Nothing of it depends on chains or peers: for an
 * RPC endpoint that is away a restart is no cure. Nor is the database asked, which main calls synchronously: if it hangs,
 * so does this, and if it fails, a restart would fail as well.
 */
export function startWatchdog(watchdogMs: number, modules: WatchdogModules): AsyncDisposable {
  const stop = new AbortController();
  const running = watch(watchdogMs * WATCHDOG_SHARE, modules, stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort(SETTLED);
      await running;
    },
  };
}

async function watch(intervalMs: number, modules: WatchdogModules, stop: AbortSignal): Promise<void> {
  const { clock, log, manager, silent } = modules;
  while (!stop.aborted) {
    const late = new AbortController();
    const pause = clock.sleep(intervalMs, stop).then(() => late.abort(SETTLED));
    const names = await silent(late.signal);
    if (stop.aborted) return;
    if (names.length === 0) await manager.tell({ WATCHDOG: "1" });
    else {
      const workers = names.join(", ");
      log.error("Workers do not answer; unless they do, the service manager will restart the node", { workers });
      await manager.tell({ STATUS: `Workers do not answer: ${workers}` });
    }
    await pause;
  }
}
