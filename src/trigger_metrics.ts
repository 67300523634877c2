import type { Journal } from "@/journal/mod.ts";
import type { Count, GaugeReading, Metrics } from "@/telemetry/mod.ts";
import type { SourceHealth } from "@/triggers/mod.ts";

const SOURCE = ["source"];

const GAUGES = [
  {
    name: "wavs_trigger_source_connected",
    help: "Whether a source reads what it watches (1) or not (0)",
    labels: SOURCE,
  },
  {
    name: "wavs_trigger_head_blocks",
    help: "The latest block that the source of a chain or feed has heard of",
    labels: SOURCE,
  },
  {
    name: "wavs_trigger_delivered_blocks",
    help: "The block up to which events are recorded",
    labels: SOURCE,
  },
  { name: "wavs_trigger_lag_blocks", help: "How many blocks a source is behind", labels: SOURCE },
  { name: "wavs_trigger_lag_seconds", help: "How old the latest event was when a source read it", labels: SOURCE },
  { name: "wavs_events", help: "Events in the journal by state", labels: ["state"] },
] as const;

export interface TriggerMetricsModules {
  readonly journal: Journal;
  readonly health: () => Promise<readonly SourceHealth[]>;
}

/** What is counted when a batch of a source was recorded. */
export interface TriggerCounts {
  readonly detected: Count;
  readonly duplicate: Count;
  readonly orphaned: Count;
}

/** How far the sources of triggers are, and what they brought. */
export function measureTriggers(metrics: Metrics, { journal, health }: TriggerMetricsModules): TriggerCounts {
  metrics.gauges(GAUGES, async () => {
    const sources = await health();
    const of = (value: (source: SourceHealth) => number | undefined): GaugeReading[] =>
      sources.flatMap((source) => {
        const reading = value(source);
        return reading === undefined ? [] : [{ labels: { source: source.source }, value: reading }];
      });
    return new Map<string, readonly GaugeReading[]>([
      ["wavs_trigger_source_connected", of(({ connected }) => connected ? 1 : 0)],
      ["wavs_trigger_head_blocks", of(({ blocks }) => blocks === undefined ? undefined : Number(blocks.head))],
      [
        "wavs_trigger_delivered_blocks",
        of(({ blocks }) => blocks === undefined ? undefined : Number(blocks.delivered)),
      ],
      [
        "wavs_trigger_lag_blocks",
        of(({ blocks }) => blocks === undefined ? undefined : Math.max(0, Number(blocks.head - blocks.delivered))),
      ],
      ["wavs_trigger_lag_seconds", of(({ lagMs }) => lagMs === undefined ? undefined : lagMs / 1_000)],
      ["wavs_events", [...journal.events.counts()].map(([state, value]) => ({ labels: { state }, value }))],
    ]);
  });
  const counter = (name: string, help: string) => metrics.counter({ name, help, labels: SOURCE });
  return {
    detected: counter("wavs_triggers_detected_total", "Triggers that fired and were recorded"),
    duplicate: counter("wavs_triggers_duplicate_total", "Triggers that were recorded before"),
    orphaned: counter("wavs_triggers_orphaned_total", "Triggers that a reorg withdrew"),
  };
}
