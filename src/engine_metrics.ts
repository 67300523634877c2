import type { Engine } from "@/engine/mod.ts";
import type { Metrics } from "@/telemetry/mod.ts";

const GAUGES = [
  { name: "wavs_executions_running", help: "Executions in a worker", labels: [] },
  {
    name: "wavs_executions_waiting",
    help: "Executions that wait for a place in a worker, or for memory",
    labels: [],
  },
  { name: "wavs_component_workers", help: "Component workers that serve all services", labels: [] },
  {
    name: "wavs_guest_memory_promised_bytes",
    help: "The most memory that the executions in a worker may grow to together",
    labels: [],
  },
  {
    name: "wavs_guest_memory_limit_bytes",
    help: "The most memory that executions are promised together; more of them wait",
    labels: [],
  },
] as const;

/** What the engine has to do. */
export function measureEngine(metrics: Metrics, engine: Pick<Engine, "load">): void {
  metrics.gauges(GAUGES, () => {
    const { running, waiting, workers, promisedMemoryBytes, maxMemoryBytes } = engine.load();
    const one = (value: number) => [{ labels: {}, value }];
    return Promise.resolve(
      new Map([
        ["wavs_executions_running", one(running)],
        ["wavs_executions_waiting", one(waiting)],
        ["wavs_component_workers", one(workers)],
        ["wavs_guest_memory_promised_bytes", one(promisedMemoryBytes)],
        ["wavs_guest_memory_limit_bytes", one(maxMemoryBytes)],
      ]),
    );
  });
}
