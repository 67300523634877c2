export interface PaceOptions {
  readonly perSecond: number;
  /** What may be taken at once after a rest. */
  readonly burst: number;
}

/** A bucket of tokens, told the time: what is taken beyond it is owed, and waited for. */
export class Pace {
  readonly #options: PaceOptions;
  #tokens: number;
  #atMs: number;

  constructor(options: PaceOptions, nowMs: number) {
    this.#options = options;
    this.#tokens = options.burst;
    this.#atMs = nowMs;
  }

  /** Takes `tokens` and tells for how many milliseconds whoever took them has to wait before it goes on. */
  take(tokens: number, nowMs: number): number {
    const { perSecond, burst } = this.#options;
    const earned = Math.max(0, nowMs - this.#atMs) * perSecond / 1000;
    this.#tokens = Math.min(burst, this.#tokens + earned) - tokens;
    this.#atMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / perSecond * 1000);
  }
}
