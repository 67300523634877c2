import type { ServiceId } from "@/domain/mod.ts";
import { MAX_EXECUTIONS_PER_WORKER, MAX_SERVICE_WORKERS } from "./limits.ts";
import { closeWorker, type PoolWorker } from "./places.ts";

/** Starts a worker that may read and write the service's directory and nothing else. */
export type StartServiceWorker = (serviceId: ServiceId) => PoolWorker;

/**
 * Workers kept for the services that were granted `file_system`, one each. There is a limit to them: the one idle for
 * longest makes room.
 */
export class ServiceWorkers implements Disposable {
  readonly #startWorker: StartServiceWorker;
  /** The least recently used first. */
  readonly #workers = new Map<ServiceId, PoolWorker>();

  constructor(startWorker: StartServiceWorker) {
    this.#startWorker = startWorker;
  }

  /** The service's worker if it has a free place, started now if it is not there and there is room for it. */
  find(serviceId: ServiceId): PoolWorker | undefined {
    const kept = this.#workers.get(serviceId);
    if (kept !== undefined && kept.running >= MAX_EXECUTIONS_PER_WORKER) return undefined;
    if (kept === undefined && this.#workers.size >= MAX_SERVICE_WORKERS && !this.#endIdle()) return undefined;
    const worker = kept ?? this.#start(serviceId);
    this.#workers.delete(serviceId);
    this.#workers.set(serviceId, worker);
    return worker;
  }

  get size(): number {
    return this.#workers.size;
  }

  /** Ends the service's worker; its executions were told to end before. */
  end(serviceId: ServiceId): void {
    const kept = this.#workers.get(serviceId);
    if (kept === undefined) return;
    this.#workers.delete(serviceId);
    closeWorker(kept);
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers.values()) closeWorker(worker);
    this.#workers.clear();
  }

  #start(serviceId: ServiceId): PoolWorker {
    const worker = this.#startWorker(serviceId);
    // One that does not start is not kept: the next execution tries again.
    worker.started.catch(() => {
      if (this.#workers.get(serviceId) === worker) this.#workers.delete(serviceId);
    });
    return worker;
  }

  #endIdle(): boolean {
    for (const [serviceId, worker] of this.#workers) {
      if (worker.running > 0) continue;
      this.end(serviceId);
      return true;
    }
    return false;
  }
}
