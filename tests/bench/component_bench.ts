import type { DirectBody } from "@/engine/component/direct/linked_component.ts";
import type { ComponentArtifact } from "@/engine/component/mod.ts";
import { instantiateMetered } from "@/engine/metering/mod.ts";
import { type BenchGuest, call, instantiate, link, newBudget, prepare } from "./bench_guest.ts";
import { memoryPerCachedKb } from "./memory_bench.ts";
import { round, type Spread, Times } from "./rounds.ts";

/** Times of one component on one thread. An execution is instantiation, one call, and giving the instance back. */
export interface ComponentMeasurement {
  readonly component: string;
  readonly componentBytes: number;
  readonly executionsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Lowest and highest median of a round, of whole executions and of the bare instantiation. */
  readonly p50SpreadUs: Spread;
  readonly lowerBoundSpreadUs: Spread;
  /** Of p50Us, what comes before the call. */
  readonly instantiateUs: number;
  readonly callUs: number;
  /** An execution for a service that has no instance to put back: all core modules are instantiated anew. */
  readonly newInstanceUs: number;
  /** Instantiating the same core modules and nothing else, in the same rounds. */
  readonly lowerBoundUs: number;
  readonly ratioToLowerBound: number;
  readonly newInstanceRatio: number;
  /** Resident memory of one linked component that has run, with the instances kept for it. */
  readonly memoryPerCachedKb: number;
}

const WARM_UP = 300;

export async function measureComponent(
  guest: BenchGuest,
  { rounds, executions }: { readonly rounds: number; readonly executions: number },
): Promise<ComponentMeasurement> {
  const artifact = await prepare(guest.bytes);
  const component = await link(artifact);
  const bare = bareInstantiation(artifact);
  const [run, making, calling, anew, bound] = [new Times(), new Times(), new Times(), new Times(), new Times()];
  const execute = async (owner?: string) => {
    using budget = newBudget();
    using instance = await instantiate(component, budget, owner);
    await call(instance, guest);
  };
  const executeInParts = async () => {
    using budget = newBudget();
    using instance = await making.measure(() => instantiate(component, budget, "bench"));
    await calling.measure(() => call(instance, guest));
  };
  for (let i = 0; i < WARM_UP; i++) {
    await execute("bench");
    await execute();
    bare();
  }
  // By turns, so that what else the machine does hits all alike.
  for (let i = 0; i < rounds; i++) {
    for (const times of [run, making, calling, anew, bound]) times.startRound();
    for (let n = 0; n < executions; n++) await run.measure(() => execute("bench"));
    for (let n = 0; n < executions; n++) await executeInParts();
    for (let n = 0; n < executions; n++) await anew.measure(() => execute());
    for (let n = 0; n < executions; n++) await bound.measure(bare);
  }
  const [p50Us, newInstanceUs, lowerBoundUs] = [run.percentile(50), anew.percentile(50), bound.percentile(50)];
  return {
    component: guest.name,
    componentBytes: guest.bytes.length,
    executionsPerSecond: run.perSecond,
    p50Us,
    p99Us: run.percentile(99),
    p50SpreadUs: run.spread,
    lowerBoundSpreadUs: bound.spread,
    instantiateUs: making.percentile(50),
    callUs: calling.percentile(50),
    newInstanceUs,
    lowerBoundUs,
    ratioToLowerBound: round(p50Us / lowerBoundUs),
    newInstanceRatio: round(newInstanceUs / lowerBoundUs),
    memoryPerCachedKb: await memoryPerCachedKb(guest),
  };
}

/** Instantiates a component's core modules and nothing else: functions it would import are all the same stub. */
function bareInstantiation(artifact: ComponentArtifact): () => void {
  const { plan, modules } = artifact.body as DirectBody;
  const stub = () => 0;
  return () => {
    const spent = newBudget();
    const made: WebAssembly.Exports[] = [];
    for (const step of plan.coreInstances) {
      const given: Record<string, Record<string, WebAssembly.ImportValue>> = {};
      for (const each of step.imports) {
        if (each.kind === "all") given[each.module] = made[each.instance] ?? {};
        else {
          const found = each.value.kind === "export" ? made[each.value.instance]?.[each.value.name] : undefined;
          (given[each.module] ??= {})[each.name] = found ?? stub;
        }
      }
      const module = modules[step.module];
      if (module !== undefined) made.push(instantiateMetered(module, given, () => spent).exports);
    }
  };
}
