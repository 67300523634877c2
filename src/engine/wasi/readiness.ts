/** A condition a guest can wait for. Level-triggered: it says how things are, not what happened. */
export interface Readiness {
  ready(): boolean;
  /** Calls `wake` each time it may have become ready; the answer stops that. */
  onReady(wake: () => void): () => void;
}

/** Always true: for what never makes anybody wait. */
export const ALWAYS_READY: Readiness = { ready: () => true, onReady: () => () => {} };

/** Those who wait for one condition. They leave when they stop waiting, so a long wait holds no more than one each. */
export class Wakers {
  readonly #wakers = new Set<() => void>();

  add(wake: () => void): () => void {
    const own = () => wake();
    this.#wakers.add(own);
    return () => this.#wakers.delete(own);
  }

  wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}

/** Resolves when at least one of `conditions` holds, or when `signal` aborts. */
export async function untilAnyReady(conditions: readonly Readiness[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !conditions.some((condition) => condition.ready())) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stops = conditions.map((condition) => condition.onReady(resolve));
    const onAbort = () => resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    await promise;
    signal.removeEventListener("abort", onAbort);
    for (const stop of stops) stop();
  }
}
