import type { Context, LogLevel } from "@/context/mod.ts";
import { isWavsError, WavsError } from "@/domain/mod.ts";
import { type LinkStats, startWorker, type SupervisedWorker } from "@/link/mod.ts";
import type { ComponentArtifact } from "./component/types.ts";
import { WorkerKeyValues } from "./key_value_calls.ts";
import { EXECUTION_GRACE_MS, MAX_EXECUTIONS_PER_WORKER, MAX_WAITING_EXECUTIONS } from "./limits.ts";
import type { ExecutionResult, KeyValueStore } from "./types.ts";
import type {
  ComponentKey,
  ComponentWorkerApi,
  ComponentWorkerBoot,
  ComponentWorkerMain,
  Job,
  JobResult,
} from "./worker_types.ts";

export interface PoolOptions extends Omit<ComponentWorkerBoot, "egress"> {
  readonly workers: number;
  readonly logLevel: LogLevel;
}

export interface PoolModules {
  readonly context: Context;
  readonly keyValue: KeyValueStore;
  /** The prepared component, made now if need be. */
  readonly artifact: (key: ComponentKey) => Promise<ComponentArtifact>;
  /** Connects the other end of a port to the egress worker. */
  readonly attachEgress: (port: MessagePort) => void;
}

interface PoolWorker {
  readonly worker: SupervisedWorker<ComponentWorkerApi>;
  readonly keyValues: WorkerKeyValues;
  running: number;
}

/** Component workers without any permission, and the executions spread over them. */
export class ComponentPool implements Disposable {
  readonly #modules: PoolModules;
  readonly #workers: PoolWorker[] = [];
  readonly #waiting: (() => void)[] = [];
  #nextJob = 1;

  private constructor(modules: PoolModules) {
    this.#modules = modules;
  }

  static async start(options: PoolOptions, modules: PoolModules): Promise<ComponentPool> {
    const pool = new ComponentPool(modules);
    const { runtime, maxMemoryBytes, cacheSize, logLevel } = options;
    const starting = Array.from({ length: options.workers }, async (_, index): Promise<PoolWorker> => {
      const keyValues = new WorkerKeyValues(modules.keyValue);
      const worker = await startWorker<ComponentWorkerApi, ComponentWorkerMain, ComponentWorkerBoot>({
        name: `component-${index}`,
        entry: new URL("./worker.ts", import.meta.url),
        permissions: () => "none",
        logLevel,
        // Preparing and linking come on top of executions.
        credit: MAX_EXECUTIONS_PER_WORKER + 8,
        boot: () => {
          const { port1, port2 } = new MessageChannel();
          modules.attachEgress(port2);
          return { boot: { runtime, maxMemoryBytes, cacheSize, egress: port1 }, transfer: [port1] };
        },
      }, { context: modules.context, handlers: keyValues.handlers });
      return { worker, keyValues, running: 0 };
    });
    pool.#workers.push(...await Promise.all(starting));
    return pool;
  }

  stats(): readonly (LinkStats & { readonly restarts: number })[] {
    return this.#workers.map(({ worker }) => worker.stats());
  }

  /** Parses and meters hostile bytes where they can do no harm. */
  prepare(bytes: Uint8Array): Promise<ComponentArtifact> {
    return this.#leastBusy().worker.remote.prepare(bytes);
  }

  /** Checks a component against world and permissions in one worker; the others do it when they first run it. */
  async link(key: ComponentKey, artifact: ComponentArtifact): Promise<void> {
    await this.#leastBusy().worker.remote.link({ key, artifact });
  }

  /**
   * Runs one job in the least busy worker.
   *
   * @throws WavsError `engine_busy`, `worker_lost` (both retryable), or why its component cannot be prepared or linked
   */
  async execute(job: Omit<Job, "id" | "killFlag">, signal?: AbortSignal): Promise<ExecutionResult> {
    const place = await this.#takePlace(signal);
    const id = this.#nextJob++;
    const killFlag = new SharedArrayBuffer(4);
    const kill = () => void Atomics.store(new Int32Array(killFlag), 0, 1);
    signal?.addEventListener("abort", kill, { once: true });
    place.keyValues.begin(id, job.request.serviceId);
    const guard = this.#watch(place, job.timeoutMs, kill);
    try {
      return place.keyValues.end(id, await this.#runLinked(place, { ...job, id, killFlag }, signal));
    } finally {
      guard.abort();
      signal?.removeEventListener("abort", kill);
      place.keyValues.drop(id);
      place.running--;
      this.#waiting.shift()?.();
    }
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#workers) worker.close();
  }

  async #runLinked({ worker }: PoolWorker, job: Job, signal: AbortSignal | undefined): Promise<JobResult> {
    const options = signal === undefined ? {} : { signal };
    try {
      return await worker.remote.execute(job, options);
    } catch (error) {
      if (!isWavsError(error, "component_not_linked")) throw error;
    }
    const artifact = await this.#modules.artifact(job.component);
    await worker.remote.link({ key: job.component, artifact });
    return await worker.remote.execute(job, options);
  }

  /** Ends a worker whose guest outlives its deadline: metering should have stopped it long before. */
  #watch(place: PoolWorker, timeoutMs: number, kill: () => void): AbortController {
    const done = new AbortController();
    const { clock, log } = this.#modules.context;
    void (async () => {
      await clock.sleep(timeoutMs + EXECUTION_GRACE_MS, done.signal);
      if (done.signal.aborted) return;
      kill();
      await clock.sleep(EXECUTION_GRACE_MS, done.signal);
      if (done.signal.aborted) return;
      log.error("A component worker does not answer and is ended", { timeoutMs });
      await place.worker.restart();
    })();
    return done;
  }

  async #takePlace(signal: AbortSignal | undefined): Promise<PoolWorker> {
    for (;;) {
      const place = this.#leastBusy();
      if (place.running < MAX_EXECUTIONS_PER_WORKER) {
        place.running++;
        return place;
      }
      if (this.#waiting.length >= MAX_WAITING_EXECUTIONS) {
        throw new WavsError("engine_busy", {
          message: `Cannot run the component now because ${MAX_WAITING_EXECUTIONS} executions are waiting already`,
          retryable: true,
        });
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      signal?.throwIfAborted();
    }
  }

  #leastBusy(): PoolWorker {
    const [least] = [...this.#workers].sort((left, right) => left.running - right.running);
    if (least === undefined) throw new Error("a pool has at least one worker");
    return least;
  }
}
