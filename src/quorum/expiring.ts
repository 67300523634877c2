import type { Clock } from "@/context/mod.ts";

export interface ExpiringOptions {
  readonly ttlMs: number;
  /** At the limit the entry written longest ago is forgotten. */
  readonly maxEntries: number;
}

/** What is believed for a while, and never more of it than a limit. */
export class ExpiringMap<Value> {
  readonly #options: ExpiringOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(options: ExpiringOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > this.#clock.monotonic()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: this.#clock.monotonic() + this.#options.ttlMs });
    if (this.#entries.size <= this.#options.maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
