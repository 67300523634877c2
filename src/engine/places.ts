import { WavsError } from "@/domain/mod.ts";
import type { SupervisedWorker } from "@/link/mod.ts";
import type { GuestMemory } from "./guest_memory.ts";
import type { WorkerKeyValues } from "./key_value_calls.ts";
import { MAX_WAITING_EXECUTIONS } from "./limits.ts";
import type { ComponentWorkerApi } from "./worker_types.ts";

/** A component worker and how many executions it has under way. */
export interface PoolWorker {
  readonly started: Promise<SupervisedWorker<ComponentWorkerApi>>;
  readonly keyValues: WorkerKeyValues;
  running: number;
  /** Closes the connections of a worker that has ended. */
  readonly detachEgress: () => void;
}

/** Ends a worker, once it has started if it is about to. */
export function closeWorker({ started, detachEgress }: PoolWorker): void {
  started.then((worker) => {
    worker.close();
    detachEgress();
  }, () => {});
}

/** Names a worker with a free place, if there is one now. */
export type FindWorker = () => PoolWorker | undefined;

interface Waiter {
  readonly find: FindWorker;
  readonly resolve: (place: PoolWorker) => void;
}

/**
 * Hands out places in workers, and the memory that goes with one. Who finds none waits; a place that becomes free goes to
 * the first whom it fits.
 */
export class Places {
  readonly #memory: GuestMemory;
  #waiting: Waiter[] = [];

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws WavsError `engine_busy` when too many wait; the signal's reason when it aborts before there is a place */
  async take(find: FindWorker, signal: AbortSignal | undefined): Promise<PoolWorker> {
    signal?.throwIfAborted();
    const free = this.#occupy(find);
    if (free !== undefined) return free;
    if (this.#waiting.length >= MAX_WAITING_EXECUTIONS) throw engineBusy();
    const { promise, resolve, reject } = Promise.withResolvers<PoolWorker>();
    const waiter = { find, resolve };
    this.#waiting.push(waiter);
    const giveUp = () => {
      this.#waiting = this.#waiting.filter((each) => each !== waiter);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  release(place: PoolWorker): void {
    place.running--;
    this.#memory.giveBack();
    this.offer();
  }

  /** Gives places that came to be to those who wait, in their order. */
  offer(): void {
    this.#waiting = this.#waiting.filter(({ find, resolve }) => {
      const free = this.#occupy(find);
      if (free !== undefined) resolve(free);
      return free === undefined;
    });
  }

  #occupy(find: FindWorker): PoolWorker | undefined {
    if (!this.#memory.take()) return undefined;
    const place = find();
    if (place === undefined) this.#memory.giveBack();
    else place.running++;
    return place;
  }
}

function engineBusy(): WavsError {
  return new WavsError("engine_busy", {
    message: `Cannot run the component now because ${MAX_WAITING_EXECUTIONS} executions are waiting already`,
    retryable: true,
  });
}
