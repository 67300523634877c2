import type { Clock } from "@/context/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import type { RefusalKind } from "../types.ts";
import { MAX_HOST_MEMORY_BYTES } from "./limits.ts";

export interface GuestScopeModules {
  readonly clock: Clock;
  /** Aborts when the execution ends, whatever the reason. */
  readonly signal: AbortSignal;
  /** Told when the guest starts to wait (`true`) and when it runs again. */
  readonly onWaiting?: (waiting: boolean) => void;
  /** Told what the node did not let the guest do, and why. */
  readonly onRefusal?: (kind: RefusalKind, why: string) => void;
}

/** What the host holds on behalf of one execution: memory it promised, resources to close, the right to wait. */
export class GuestScope implements Disposable {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly #onWaiting: (waiting: boolean) => void;
  readonly #onRefusal: (kind: RefusalKind, why: string) => void;
  readonly #owned = new Set<Disposable>();
  #reservedBytes = 0;

  constructor(modules: GuestScopeModules) {
    this.clock = modules.clock;
    this.signal = modules.signal;
    this.#onWaiting = modules.onWaiting ?? (() => {});
    this.#onRefusal = modules.onRefusal ?? (() => {});
  }

  /**
   * Counts bytes the host is about to keep for the guest.
   *
   * @throws WavsError `host_memory_exceeded`, which ends the execution
   */
  reserve(bytes: number): void {
    if (this.#reservedBytes + bytes > MAX_HOST_MEMORY_BYTES) {
      throw new WavsError("host_memory_exceeded", {
        message: `The component made the node keep more than "${MAX_HOST_MEMORY_BYTES}" bytes for it`,
        retryable: false,
        meta: { maxBytes: MAX_HOST_MEMORY_BYTES },
      });
    }
    this.#reservedBytes += bytes;
  }

  release(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  /** Notes what the guest asked for and is not given; telling the guest is the caller's part. */
  refuse(kind: RefusalKind, why: string): void {
    this.#onRefusal(kind, why);
  }

  /** Closes `resource` with the scope, unless it is disowned before. */
  own(resource: Disposable): void {
    this.#owned.add(resource);
  }

  disown(resource: Disposable): void {
    this.#owned.delete(resource);
  }

  /** Waits for the guest's sake; meanwhile other executions run. */
  async wait<T>(work: PromiseLike<T>): Promise<T> {
    this.#onWaiting(true);
    try {
      return await work;
    } finally {
      this.#onWaiting(false);
    }
  }

  /** What was owned last closes first. */
  [Symbol.dispose](): void {
    for (const resource of [...this.#owned].reverse()) resource[Symbol.dispose]();
    this.#owned.clear();
  }
}
