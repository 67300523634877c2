import type { Context, LogLevel } from "@/context/mod.ts";
import { serializeError, WavsError } from "@/domain/mod.ts";
import { startWorker, type SupervisedWorker } from "@/link/mod.ts";
import type { Carrier } from "./carriers.ts";
import { transpilerFiles } from "./component/jco/isolation.ts";
import { MAX_WAITING_PREPARATIONS, PREPARE_TIMEOUT_MS, PREPARER_IDLE_MS } from "./limits.ts";
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
    case "worker": {
      const preparer = new PreparerWorker(() => startIsolate(options, context), context);
      await preparer.start();
      return preparer;
    }
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

/** There while somebody wants it, and a while longer: components are prepared when services come, and rarely else. */
class PreparerWorker implements Preparer {
  readonly #startIsolate: () => Promise<SupervisedWorker<PreparerApi>>;
  readonly #context: Context;
  #worker: Promise<SupervisedWorker<PreparerApi>> | undefined;
  #wanted = 0;
  #idle = new AbortController();
  #closed = false;

  constructor(startIsolate: () => Promise<SupervisedWorker<PreparerApi>>, context: Context) {
    this.#startIsolate = startIsolate;
    this.#context = context;
  }

  /** Ahead: the first event after a node's start is not to wait for it. */
  async start(): Promise<void> {
    await this.#whileWanted(() => this.#running());
  }

  async prepare(request: PrepareRequest): Promise<PreparedComponent> {
    return await this.#whileWanted(async () => await this.#prepareIn(await this.#running(), request));
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#idle.abort();
    this.#end();
  }

  async #whileWanted<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#wanted++;
    this.#idle.abort();
    try {
      return await work();
    } finally {
      this.#wanted--;
      if (this.#wanted === 0 && !this.#closed) void this.#endWhenIdle();
    }
  }

  #running(): Promise<SupervisedWorker<PreparerApi>> {
    if (this.#closed) throw new WavsError("worker_lost", { message: "The node is shutting down", retryable: true });
    const worker = this.#worker ??= this.#startIsolate();
    worker.catch(() => {
      // The next one who wants it tries again.
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }

  async #prepareIn(worker: SupervisedWorker<PreparerApi>, request: PrepareRequest): Promise<PreparedComponent> {
    const done = new AbortController();
    const late = this.#context.clock.sleep(PREPARE_TIMEOUT_MS, done.signal).then(() => undefined);
    try {
      const prepared = await Promise.race([worker.remote.prepare(request), late]);
      if (prepared !== undefined) return prepared;
      // It does not hear that it is no longer wanted.
      void worker.restart().catch((cause) =>
        this.#context.log.error("The preparer does not start again yet", { cause: serializeError(cause) })
      );
      throw tooSlow();
    } finally {
      done.abort();
    }
  }

  async #endWhenIdle(): Promise<void> {
    this.#idle = new AbortController();
    const { signal } = this.#idle;
    await this.#context.clock.sleep(PREPARER_IDLE_MS, signal);
    if (!signal.aborted) this.#end();
  }

  #end(): void {
    this.#worker?.then((worker) => worker.close(), () => {});
    this.#worker = undefined;
  }
}

function tooSlow(): WavsError {
  return new WavsError("component_too_slow", {
    message: `Cannot prepare the component within ${PREPARE_TIMEOUT_MS / 1000} s`,
    retryable: true,
  });
}
