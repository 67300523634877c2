import { Counter, Gauge, Registry } from "prom-client";

/** A number that goes up and down, with its labels. */
export interface GaugeReading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface GaugeOptions {
  /** With the prefix `wavs_` and the unit at its end. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Counts up; the labels are those it was made with. */
export type Count = (labels: Readonly<Record<string, string>>, by?: number) => void;

/**
 * What `GET /metrics` answers with, in the text format of Prometheus.
 *
 * Labels are few and known beforehand: a source, a state, never an id, an address or the text of an error.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #readers: (() => Promise<void>)[] = [];

  /** Of the answer's body. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  counter({ name, help, labels }: GaugeOptions): Count {
    const counter = new Counter({ name, help, labelNames: labels, registers: [this.#registry] });
    return (values, by = 1) => counter.inc({ ...values }, by);
  }

  /**
   * Gauges that are read when somebody asks. What is not told any more is shown no more.
   *
   * @param read tells readings by the name of their gauge
   */
  gauges(options: readonly GaugeOptions[], read: () => Promise<ReadonlyMap<string, readonly GaugeReading[]>>): void {
    const gauges = options.map(({ name, help, labels }) =>
      [name, new Gauge({ name, help, labelNames: labels, registers: [this.#registry] })] as const
    );
    this.#readers.push(async () => {
      const readings = await read();
      for (const [name, gauge] of gauges) {
        gauge.reset();
        for (const { labels, value } of readings.get(name) ?? []) gauge.set({ ...labels }, value);
      }
    });
  }

  async text(): Promise<string> {
    await Promise.all(this.#readers.map((read) => read()));
    return await this.#registry.metrics();
  }
}
