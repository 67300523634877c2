/** Times one repeated piece of work took, in microseconds. */
export class Times {
  readonly #us: number[] = [];

  async measure<T>(work: () => Promise<T> | T): Promise<T> {
    const before = performance.now();
    const result = await work();
    this.#us.push((performance.now() - before) * 1000);
    return result;
  }

  get perSecond(): number {
    return round(1e6 * this.#us.length / this.#us.reduce((sum, us) => sum + us, 0));
  }

  /** The time below which `percent` of a hundred lie. */
  percentile(percent: number): number {
    const sorted = this.#us.toSorted((a, b) => a - b);
    return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))] ?? 0);
  }
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
