/** What a source watches, and the wait of whoever changes it until the source acts on it. */
export class Takeover<Watched> {
  #watched: Watched;
  #settled = Promise.withResolvers<void>();
  #woken = new AbortController();
  #isClosed = false;

  constructor(initial: Watched) {
    this.#watched = initial;
    this.#settled.resolve();
  }

  /** Resolves once the source acts on this, or on what came after it. */
  announce(watched: Watched): Promise<void> {
    this.#watched = watched;
    if (this.#isClosed) return Promise.resolve();
    const before = this.#settled;
    this.#settled = Promise.withResolvers();
    // Whoever waited for the one before gets what it waited for, and this.
    void this.#settled.promise.then(() => before.resolve());
    this.wake();
    return this.#settled.promise;
  }

  /** What is to be watched now; `settle` once it is acted on. */
  take(): { readonly watched: Watched; readonly settle: () => void } {
    this.#woken = new AbortController();
    const settled = this.#settled;
    return { watched: this.#watched, settle: () => settled.resolve() };
  }

  /** Aborts when there is something to do since the last `take`. */
  get woken(): AbortSignal {
    return this.#woken.signal;
  }

  wake(): void {
    this.#woken.abort();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true;
    this.release();
  }

  /** Lets those go who wait now: there is nobody left, for the moment, to act on anything. */
  release(): void {
    this.#settled.resolve();
    this.wake();
  }
}
