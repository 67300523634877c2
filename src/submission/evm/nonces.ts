/**
 * The nonces of one account on one chain, many in flight.
 *
 * A nonce is *held* by the submission that works with it. One that never reached the chain is given back and is the next
 * to be handed out, since transactions behind a missing nonce never land.
 */
export class Nonces {
  readonly #held = new Set<number>();
  /** Below `#next` and held by nobody, never used on chain as far as is known. */
  readonly #free = new Set<number>();
  #next: number;

  /** @param first the lowest nonce neither the chain nor the journal knows */
  constructor(first: number) {
    this.#next = first;
  }

  /** Hands out the lowest nonce there is; the caller holds it. */
  take(): number {
    const nonce = this.#free.size > 0 ? Math.min(...this.#free) : this.#next++;
    this.#free.delete(nonce);
    this.#held.add(nonce);
    return nonce;
  }

  /** Holds a particular nonce, that of a transaction recorded before; `false` when somebody else holds it. */
  hold(nonce: number): boolean {
    if (this.#held.has(nonce)) return false;
    for (; this.#next <= nonce; this.#next++) this.#free.add(this.#next);
    this.#free.delete(nonce);
    this.#held.add(nonce);
    return true;
  }

  isHeld(nonce: number): boolean {
    return this.#held.has(nonce);
  }

  /** Ends holding a nonce that surely never reached the chain: the next caller gets it. */
  giveBack(nonce: number): void {
    if (!this.#held.delete(nonce)) return;
    this.#free.add(nonce);
    while (this.#free.delete(this.#next - 1)) this.#next--;
  }

  /** Ends holding a nonce that is used, or may be. */
  release(nonce: number): void {
    this.#held.delete(nonce);
  }

  /** Takes over the chain's own count: nonces below it are used, by whomever. */
  observe(count: number): void {
    this.#next = Math.max(this.#next, count);
    for (const nonce of this.#free) if (nonce < count) this.#free.delete(nonce);
  }
}
