import type { BlockHeader } from "@/chains/mod.ts";
import type { Clock } from "@/context/mod.ts";

/** Why a wait for news of a chain ended. */
export type Tick =
  /** There may be something new; `head` is the block that was announced, when one was. */
  | { readonly kind: "look"; readonly head: BlockHeader | undefined }
  /** The connection is to be given up in favour of a better one. */
  | { readonly kind: "leave" };

/**
 * Folds any number of announcements into one: whoever is busy looks once, at the latest, when he is free again. So a slow
 * consumer needs no queue.
 */
export class Ticker {
  #pending: Tick | undefined;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  look(head: BlockHeader | undefined): void {
    const known = this.#pending?.kind === "look" ? this.#pending.head : undefined;
    if (this.#pending?.kind !== "leave") this.#pending = { kind: "look", head: head ?? known };
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
