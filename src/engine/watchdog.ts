import { type Clock, SETTLED } from "@/context/mod.ts";
import { WATCH_INTERVAL_MS } from "./limits.ts";

interface Watched {
  readonly deadlineMs: number;
  readonly onLate: () => void;
}

/**
 * Tells of what outlives its deadline, at most {@link WATCH_INTERVAL_MS} later. One timer for all that is watched: one
 * for each would cost an execution as much as the message that orders it.
 */
export class Watchdog implements Disposable {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  readonly #closed = new AbortController();
  #isLooking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches until the answer is disposed of; `onLate` is called once. */
  watch(timeoutMs: number, onLate: () => void): Disposable {
    const watched = { deadlineMs: this.#clock.monotonic() + timeoutMs, onLate };
    this.#watched.add(watched);
    if (!this.#isLooking) void this.#look();
    return { [Symbol.dispose]: () => void this.#watched.delete(watched) };
  }

  [Symbol.dispose](): void {
    this.#watched.clear();
    this.#closed.abort(SETTLED);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#watched.size > 0 && !this.#closed.signal.aborted) {
      await this.#clock.sleep(WATCH_INTERVAL_MS, this.#closed.signal);
      const nowMs = this.#clock.monotonic();
      for (const watched of this.#watched) {
        if (nowMs < watched.deadlineMs) continue;
        this.#watched.delete(watched);
        watched.onLate();
      }
    }
    this.#isLooking = false;
  }
}
