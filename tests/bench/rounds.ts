/** Times one repeated piece of work took, in microseconds, round by round. */
export class Times {
  readonly #rounds: number[][] = [];

  startRound(): void {
    this.#rounds.push([]);
  }

  async measure<T>(work: () => Promise<T> | T): Promise<T> {
    const before = performance.now();
    const result = await work();
    this.add((performance.now() - before) * 1000);
    return result;
  }

  add(us: number): void {
    this.#rounds.at(-1)?.push(us);
  }

  get perSecond(): number {
    const all = this.#rounds.flat();
    return round(1e6 * all.length / all.reduce((sum, us) => sum + us, 0));
  }

  /** The time below which `percent` of a hundred lie, over all rounds. */
  percentile(percent: number): number {
    return round(percentileOf(this.#rounds.flat(), percent));
  }

  /** The lowest and the highest median of a round: how far the machine lets the number be trusted. */
  get spread(): Spread {
    return spreadOf(this.#rounds.map((times) => percentileOf(times, 50)));
  }
}

export type Spread = readonly [lowest: number, highest: number];

export function spreadOf(values: readonly number[]): Spread {
  return [round(Math.min(...values)), round(Math.max(...values))];
}

export function median(values: readonly number[]): number {
  return round(percentileOf(values, 50));
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function percentileOf(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))] ?? Number.NaN;
}
