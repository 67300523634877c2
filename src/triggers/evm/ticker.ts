import type { BlockHeader } from "@/chains/mod.ts";
import type { Clock } from "@/context/mod.ts";

/** Why a wait for news of a chain ended. */
export type Tick =
  /** There may be something new; `head` is the block that was announced, when it was exactly one. */
  | { readonly kind: "look"; readonly head: BlockHeader | undefined }
  /** The connection is to be given up in favour of a better one. */
  | { readonly kind: "leave" };

/**
 * Folds any number of announcements into one: whoever is busy looks once, at the latest, when he is free again. So a slow
 * consumer needs no queue.
 */
export class Ticker {
  #pending: Tick | undefined;
  /** Several heads came: which of them stands is not for their order to say, since reorgs and lagging nodes mix it up. */
  #isAmbiguous = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  look(head: BlockHeader | undefined): void {
    if (this.#pending?.kind !== "leave") {
      const known = this.#pending?.head;
      this.#isAmbiguous ||= known !== undefined && head !== undefined;
      this.#pending = { kind: "look", head: this.#isAmbiguous ? undefined : head ?? known };
    }
    this.#wake?.();
  }

  leave(): void {
    this.#pending = { kind: "leave" };
    this.#wake?.();
  }

  /** Makes every wait fail from now on. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  /** Waits for the next tick; after `patienceMs` without any, looks anyway. Aborting is a tick too. */
  async next(clock: Clock, patienceMs: number, signal: AbortSignal): Promise<Tick> {
    if (this.#pending === undefined && this.#error === undefined) await this.#sleep(clock, patienceMs, signal);
    if (this.#error !== undefined) throw this.#error;
    const tick = this.#pending ?? { kind: "look", head: undefined };
    this.#pending = undefined;
    this.#isAmbiguous = false;
    return tick;
  }

  async #sleep(clock: Clock, patienceMs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const abort = () => over.abort();
    signal.addEventListener("abort", abort, { once: true });
    this.#wake = abort;
    if (signal.aborted) abort();
    await clock.sleep(patienceMs, over.signal);
    this.#wake = undefined;
    signal.removeEventListener("abort", abort);
  }
}
