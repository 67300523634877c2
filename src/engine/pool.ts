import type { Context, LogLevel } from "@/context/mod.ts";
import { isWavsError, serializeError, type ServiceId } from "@/domain/mod.ts";
import type { SupervisedWorker } from "@/link/mod.ts";
import { type Carrier, startComponentWorker } from "./carriers.ts";
import type { ComponentArtifact } from "./component/types.ts";
import type { GuestMemory } from "./guest_memory.ts";
import { WorkerKeyValues } from "./key_value_calls.ts";
import { EXECUTION_GRACE_MS, MAX_EXECUTIONS_PER_WORKER, POOL_GROWTH_PAUSE_MS } from "./limits.ts";
import { closeWorker, Places, type PoolWorker } from "./places.ts";
import { type Preparer, startPreparer } from "./preparer.ts";
import { ServiceWorkers } from "./service_workers.ts";
import type { EngineLoad, ExecutionResult, KeyValueStore } from "./types.ts";
import { Watchdog } from "./watchdog.ts";
import type {
  ComponentKey,
  ComponentWorkerApi,
  ComponentWorkerBoot,
  Job,
  JobResult,
  PreparedComponent,
  PrepareRequest,
} from "./worker_types.ts";

export interface PoolOptions extends Omit<ComponentWorkerBoot, "egress" | "directory"> {
  readonly carrier: Carrier;
  /** Workers for everybody, once there is work for as many. */
  readonly workers: number;
  readonly logLevel: LogLevel;
}

export interface PoolModules {
  readonly context: Context;
  readonly memory: GuestMemory;
  readonly keyValue: KeyValueStore;
  /** The component a job runs, prepared now if need be. */
  readonly artifact: (job: Job) => Promise<ComponentArtifact>;
  /** Connects the other end of a port to the egress worker. @returns what closes all that was opened over it */
  readonly attachEgress: (port: MessagePort) => () => void;
  /** Makes the directory of a service and tells its path, absolute and free of symbolic links. */
  readonly serviceDirectory: (serviceId: ServiceId) => Promise<string>;
}

/** One execution as the engine orders it. */
export interface JobOrder extends Omit<Job, "id" | "killFlag"> {
  /** Whether it runs where the service's files are. */
  readonly fileSystem: boolean;
}

interface RunningJob {
  readonly serviceId: ServiceId;
  readonly place: PoolWorker;
  /** Looked at by the guest while it computes. */
  readonly killFlag: Int32Array<SharedArrayBuffer>;
  /** Tells the worker, and ends the wait for it. */
  readonly killed: AbortController;
}

type ComponentWorker = SupervisedWorker<ComponentWorkerApi>;

/**
 * Component workers and the executions spread over them: those for everybody have no permission at all, those kept for
 * a service that was granted `file_system` reach its directory.
 */
export class ComponentPool implements Disposable {
  readonly #options: PoolOptions;
  readonly #modules: PoolModules;
  readonly #preparer: Promise<Preparer>;
  /** Begins with one; the others start while there is work for them, and stay. */
  readonly #shared: PoolWorker[];
  readonly #serviceWorkers = new ServiceWorkers((serviceId) => this.#startServiceWorker(serviceId));
  readonly #places: Places;
  readonly #watchdog: Watchdog;
  readonly #jobs = new Map<number, RunningJob>();
  #nextJob = 1;
  #isGrowing = false;
  #closed = false;

  private constructor(options: PoolOptions, modules: PoolModules) {
    this.#options = options;
    this.#modules = modules;
    this.#watchdog = new Watchdog(modules.context.clock);
    this.#places = new Places(modules.memory);
    this.#preparer = startPreparer(
      { ...options, maxMemoryBytes: modules.memory.bytesPerExecution },
      modules.context,
    );
    this.#shared = [this.#startWorker("component-0")];
  }

  static async start(options: PoolOptions, modules: PoolModules): Promise<ComponentPool> {
    const pool = new ComponentPool(options, modules);
    await Promise.all([pool.#preparer, ...pool.#shared.map(({ started }) => started)]);
    return pool;
  }

  load(): Omit<EngineLoad, "maxMemoryBytes" | "promisedMemoryBytes"> {
    return { running: this.#jobs.size, waiting: this.#places.waiting, workers: this.#shared.length };
  }

  /** Parses and meters hostile bytes where they can do no harm and keep no guest waiting. */
  async prepare(request: PrepareRequest): Promise<PreparedComponent> {
    return await (await this.#preparer).prepare(request);
  }

  /** Checks a component against world and permissions in one worker; the others do it when they first run it. */
  async link(key: ComponentKey, artifact: ComponentArtifact): Promise<void> {
    await (await this.#leastBusy().started).remote.link({ key, artifact });
  }

  /** The same in every worker that serves all services, one after the other: the others go on meanwhile. */
  async linkEverywhere(key: ComponentKey, artifact: ComponentArtifact): Promise<void> {
    for (const { started } of this.#shared) await (await started).remote.link({ key, artifact });
  }

  /**
   * Runs one job in the least busy worker, or in the one kept for its service.
   *
   * @throws WavsError `engine_busy`, `worker_lost`, `service_files_unavailable` (all retryable), or why its component
   * cannot be prepared or linked
   */
  async execute({ fileSystem, ...order }: JobOrder, signal?: AbortSignal): Promise<ExecutionResult> {
    const { serviceId } = order.request;
    if (fileSystem) await this.#modules.serviceDirectory(serviceId);
    const place = await this.#places.take(
      () => fileSystem ? this.#serviceWorkers.find(serviceId) : this.#freeShared(),
      signal,
    );
    const id = this.#nextJob++;
    const killFlag = new Int32Array(new SharedArrayBuffer(4));
    const running = { serviceId, place, killFlag, killed: new AbortController() };
    const onAbort = () => kill(running);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#jobs.set(id, running);
    place.keyValues.begin(id, serviceId);
    try {
      const worker = await place.started;
      using _watch = this.#watch(place, order.timeoutMs);
      const job = { ...order, id, killFlag: killFlag.buffer };
      return place.keyValues.end(id, await this.#runLinked(worker, job, running.killed.signal));
    } finally {
      place.keyValues.drop(id);
      signal?.removeEventListener("abort", onAbort);
      this.#jobs.delete(id);
      this.#places.release(place);
    }
  }

  /** Ends what runs for a service, and its worker: its files are about to go. */
  endService(serviceId: ServiceId): void {
    for (const job of this.#jobs.values()) if (job.serviceId === serviceId) kill(job);
    this.#serviceWorkers.end(serviceId);
  }

  /** Kills what runs first: a worker that is busy would not hear that it was closed. */
  [Symbol.dispose](): void {
    this.#closed = true;
    for (const job of this.#jobs.values()) kill(job);
    for (const worker of this.#shared) closeWorker(worker);
    this.#serviceWorkers[Symbol.dispose]();
    this.#watchdog[Symbol.dispose]();
    this.#preparer.then((preparer) => preparer[Symbol.dispose](), () => {});
  }

  #startWorker(name: string, findDirectory?: () => Promise<string>): PoolWorker {
    const { carrier, logLevel, runtime, cacheSize } = this.#options;
    const { context, keyValue, attachEgress } = this.#modules;
    const keyValues = new WorkerKeyValues(keyValue);
    let detachEgress = () => {};
    const start = async () => {
      const directory = await findDirectory?.();
      const boot = () => {
        // A worker that was ended closed nothing.
        detachEgress();
        const { port1, port2 } = new MessageChannel();
        detachEgress = attachEgress(port2);
        return { runtime, cacheSize, directory, egress: port1 };
      };
      // Preparing and linking come on top of executions.
      const credit = MAX_EXECUTIONS_PER_WORKER + 8;
      const options = { name, logLevel, credit, directory, boot };
      return await startComponentWorker(carrier, options, { context, handlers: keyValues.handlers });
    };
    return { started: start(), keyValues, running: 0, detachEgress: () => detachEgress() };
  }

  #startServiceWorker(serviceId: ServiceId): PoolWorker {
    const name = `component-${serviceId.slice(0, 8)}`;
    return this.#startWorker(name, () => this.#modules.serviceDirectory(serviceId));
  }

  async #runLinked({ remote }: ComponentWorker, job: Job, signal: AbortSignal): Promise<JobResult> {
    try {
      return await remote.execute(job, { signal });
    } catch (error) {
      if (!isWavsError(error, "component_not_linked")) throw error;
    }
    const artifact = await this.#modules.artifact(job);
    await remote.link({ key: job.component, artifact });
    return await remote.execute(job, { signal });
  }

  /** Ends a worker whose guest outlives its deadline: metering should have stopped it long before. */
  #watch(place: PoolWorker, timeoutMs: number): Disposable {
    return this.#watchdog.watch(timeoutMs + EXECUTION_GRACE_MS, () => {
      const { log } = this.#modules.context;
      log.error("A component worker does not answer and is ended", { timeoutMs });
      // Ending a worker does not stop code that is busy in it.
      for (const job of this.#jobs.values()) if (job.place === place) Atomics.store(job.killFlag, 0, 1);
      place.started.then((worker) => worker.restart()).catch((cause) =>
        log.error("A component worker does not start again yet", { cause: serializeError(cause) })
      );
    });
  }

  #freeShared(): PoolWorker | undefined {
    const least = this.#leastBusy();
    if (least.running > 0 && this.#shared.length < this.#options.workers && !this.#isGrowing) void this.#grow();
    return least.running < MAX_EXECUTIONS_PER_WORKER ? least : undefined;
  }

  /** Starts one more; until it is up the others share the work. */
  async #grow(): Promise<void> {
    this.#isGrowing = true;
    const { clock, log, signal } = this.#modules.context;
    const next = this.#startWorker(`component-${this.#shared.length}`);
    try {
      await next.started;
      if (this.#closed) return closeWorker(next);
      this.#shared.push(next);
    } catch (cause) {
      log.error("A further component worker does not start yet", { cause: serializeError(cause) });
      await clock.sleep(POOL_GROWTH_PAUSE_MS, signal);
    }
    this.#isGrowing = false;
    this.#places.offer();
  }

  #leastBusy(): PoolWorker {
    const [least] = [...this.#shared].sort((left, right) => left.running - right.running);
    if (least === undefined) throw new Error("a pool has at least one worker");
    return least;
  }
}

function kill({ killFlag, killed }: RunningJob): void {
  Atomics.store(killFlag, 0, 1);
  killed.abort();
}
