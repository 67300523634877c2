import type { Context, LogLevel } from "@/context/mod.ts";
import { serializeError, WavsError } from "@/domain/mod.ts";
import { startWorker, type SupervisedWorker } from "@/link/mod.ts";
import type { Carrier } from "./carriers.ts";
import { transpilerFiles } from "./component/jco/isolation.ts";
import { MAX_WAITING_PREPARATIONS, PREPARE_TIMEOUT_MS } from "./limits.ts";
import type { PreparedComponent, PreparerApi, PreparerBoot, PrepareRequest } from "./worker_types.ts";

export interface PreparerOptions extends PreparerBoot {
  readonly carrier: Carrier;
  readonly logLevel: LogLevel;
}

/** Makes components ready to run, one after the other, apart from where guests run. */
export interface Preparer extends Disposable {
  /**
   * Parses, plans, meters and compiles; the answer can be posted to workers.
   *
   * @throws WavsError `component_invalid`, `component_unsupported`, `component_too_large`, `component_too_slow`,
   * `worker_lost`
   */
  prepare(request: PrepareRequest): Promise<PreparedComponent>;
}

/** Starts the preparer on a carrier; the contract is the same on both. */
export async function startPreparer(options: PreparerOptions, context: Context): Promise<Preparer> {
  switch (options.carrier) {
    case "worker":
      return new PreparerWorker(await startIsolate(options, context), context);
    case "in-thread": {
      // Loaded only when asked for: the main isolate of a node needs none of what reads components.
      const { prepare } = await (await import("./prepare.ts")).createPreparer(options);
      const call = { signal: context.signal };
      return { prepare: async (request) => await prepare(request, call), [Symbol.dispose]: () => {} };
    }
  }
}

function startIsolate(
  { runtime, maxMemoryBytes, logLevel }: PreparerOptions,
  context: Context,
): Promise<SupervisedWorker<PreparerApi>> {
  return startWorker<PreparerApi, object, PreparerBoot>({
    name: "preparer",
    entry: new URL("./preparer_worker.ts", import.meta.url),
    permissions: () => runtime === "jco" ? readingOnly(transpilerFiles()) : "none",
    logLevel,
    // A component of the largest size takes its time, and whoever waits for it has a deadline of his own.
    mayStall: true,
    credit: MAX_WAITING_PREPARATIONS,
    boot: () => ({ boot: { runtime, maxMemoryBytes } }),
  }, { context, handlers: {} });
}

/** What is not named would be inherited. */
function readingOnly(files: string[]): Deno.PermissionOptionsObject {
  return { read: files, env: false, ffi: false, import: false, net: false, run: false, sys: false, write: false };
}

class PreparerWorker implements Preparer {
  readonly #worker: SupervisedWorker<PreparerApi>;
  readonly #context: Context;

  constructor(worker: SupervisedWorker<PreparerApi>, context: Context) {
    this.#worker = worker;
    this.#context = context;
  }

  async prepare(request: PrepareRequest): Promise<PreparedComponent> {
    const done = new AbortController();
    const late = this.#context.clock.sleep(PREPARE_TIMEOUT_MS, done.signal).then(() => undefined);
    try {
      const prepared = await Promise.race([this.#worker.remote.prepare(request), late]);
      if (prepared !== undefined) return prepared;
      // It does not hear that it is no longer wanted.
      void this.#worker.restart().catch((cause) =>
        this.#context.log.error("The preparer does not start again yet", { cause: serializeError(cause) })
      );
      throw tooSlow();
    } finally {
      done.abort();
    }
  }

  [Symbol.dispose](): void {
    this.#worker.close();
  }
}

function tooSlow(): WavsError {
  return new WavsError("component_too_slow", {
    message: `Cannot prepare the component within ${PREPARE_TIMEOUT_MS / 1000} s`,
    retryable: true,
  });
}
