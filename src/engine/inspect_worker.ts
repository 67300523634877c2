import type { Clock } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import { serveWorker } from "@/link/mod.ts";
import {
  AGGREGATOR_WORLD,
  type ComponentArtifact,
  createComponentRuntime,
  type LoadedComponent,
  OPERATOR_WORLD,
  planComponent,
} from "./component/mod.ts";
import { ASYNC_IMPORTS } from "./execution.ts";
import type { ComponentInspection, InspectorApi, InstantiationCost } from "./inspect_types.ts";
import { DEFAULT_MAX_FUEL, INSPECTION_MS, MAX_INSPECTION_INSTANCES, MAX_START_MS } from "./limits.ts";
import { Budget } from "./metering/mod.ts";

const runtime = await createComponentRuntime("direct");

// Hostile bytes are parsed here and their start functions run here, metered.
serveWorker<object, InspectorApi, object>((_boot, { clock }) => ({ inspect: (bytes) => inspect(bytes, clock) }));

async function inspect(bytes: Uint8Array, clock: Clock): Promise<ComponentInspection> {
  const startedMs = clock.monotonic();
  const artifact = await runtime.prepare(bytes, { asyncImports: ASYNC_IMPORTS });
  const prepareMs = clock.monotonic() - startedMs;
  const { fit, component } = await findWorld(artifact);
  const coreModules = planComponent(bytes).coreModules.map((core) => core.length);
  const instantiation = component === undefined ? undefined : await measure(component, clock);
  return { surface: artifact.surface, fit, coreModules, prepareMs, instantiation };
}

interface Found {
  readonly fit: ComponentInspection["fit"];
  readonly component?: LoadedComponent;
}

/** Links it for the world it exports the functions of; what is missing from that world is the reason when it fits none. */
async function findWorld(artifact: ComponentArtifact): Promise<Found> {
  const exported = new Set(artifact.surface.exports.map(({ name }) => name));
  const isAggregator = !exported.has("run") && [...AGGREGATOR_WORLD.exports.keys()].some((name) => exported.has(name));
  const world = isAggregator ? AGGREGATOR_WORLD : OPERATOR_WORLD;
  try {
    const component = await runtime.link(artifact, { world, grants: { http: true } });
    return { fit: { world: isAggregator ? "aggregator" : "operator" }, component };
  } catch (error) {
    return { fit: { world: undefined, error: serializeError(error) } };
  }
}

/** Nothing is there to be called: a start function that tries is told so, and there is no cost to tell. */
async function measure(component: LoadedComponent, clock: Clock): Promise<InstantiationCost> {
  const times: number[] = [];
  const endMs = clock.monotonic() + INSPECTION_MS;
  try {
    while (times.length < MAX_INSPECTION_INSTANCES && clock.monotonic() < endMs) {
      using budget = new Budget({ fuel: DEFAULT_MAX_FUEL, timeoutMs: MAX_START_MS }, { clock });
      const startedMs = clock.monotonic();
      using _instance = await runtime.instantiate(component, { imports: {}, budget });
      times.push(clock.monotonic() - startedMs);
    }
  } catch (error) {
    return { error: serializeError(error) };
  }
  const median = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  return { instances: times.length, medianUs: median * 1000 };
}
