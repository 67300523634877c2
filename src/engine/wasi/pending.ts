import { type Readiness, Wakers } from "./readiness.ts";

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Work started for a guest that asks for its outcome later. */
export class Pending<T> implements Readiness {
  readonly #wakers = new Wakers();
  readonly #discard: (value: T) => void;
  #outcome: Outcome<T> | undefined;
  #isAbandoned = false;

  /** @param discard closes what nobody took */
  constructor(work: Promise<T>, discard: (value: T) => void) {
    this.#discard = discard;
    work.then((value) => this.#settle({ ok: true, value }), (error) => this.#settle({ ok: false, error }));
  }

  get outcome(): Outcome<T> | undefined {
    return this.#outcome;
  }

  ready(): boolean {
    return this.#outcome !== undefined;
  }

  onReady(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  /** Nobody will ask any more. */
  abandon(): void {
    this.#isAbandoned = true;
    if (this.#outcome?.ok === true) this.#discard(this.#outcome.value);
  }

  #settle(outcome: Outcome<T>): void {
    this.#outcome = outcome;
    if (this.#isAbandoned && outcome.ok) this.#discard(outcome.value);
    this.#wakers.wake();
  }
}
