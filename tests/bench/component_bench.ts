import { systemClock } from "@/context/mod.ts";
import type { DirectBody } from "@/engine/component/direct/linked_component.ts";
import {
  type ComponentArtifact,
  createComponentRuntime,
  type LoadedComponent,
  OPERATOR_WORLD,
} from "@/engine/component/mod.ts";
import { quietHost } from "@/engine/component/testing/quiet_host.ts";
import { ASYNC_IMPORTS } from "@/engine/execution.ts";
import { Budget, instantiateMetered } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { round, Times } from "./rounds.ts";

export interface BenchGuest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly data: string;
}

/** Times of one component on one thread. An execution is instantiation, one call, and giving the instance back. */
export interface ComponentMeasurement {
  readonly component: string;
  readonly componentBytes: number;
  readonly executionsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
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

/** Copies linked to see what one of them weighs. */
const COPIES = 20;
const WARM_UP = 300;

const runtime = await createComponentRuntime("direct");
const quiet = quietHost();
const imports = { ...quiet, host: { ...quiet["host"], getEventId: () => new Uint8Array(20).fill(1) } };

export async function measureComponent(
  guest: BenchGuest,
  { rounds, executions }: { readonly rounds: number; readonly executions: number },
): Promise<ComponentMeasurement> {
  const artifact = await runtime.prepare(guest.bytes, { asyncImports: ASYNC_IMPORTS });
  const component = await link(artifact);
  const action = rawAction(new TextEncoder().encode(guest.data));
  const bare = bareInstantiation(artifact);
  const [run, instantiate, call, anew, bound] = [new Times(), new Times(), new Times(), new Times(), new Times()];
  const execute = async (owner: string | undefined, into?: { instantiate: Times; call: Times }) => {
    using budget = newBudget();
    const make = () => runtime.instantiate(component, { imports, budget, ...owner === undefined ? {} : { owner } });
    using instance = await (into?.instantiate.measure(make) ?? make());
    const work = () => instance.call("run", [action]);
    const answer = await (into?.call.measure(work) ?? work()) as { tag: string; val: unknown };
    if (answer.tag !== "ok") throw new Error(`"${guest.name}" answered an error: ${answer.val}`);
  };
  for (let i = 0; i < WARM_UP; i++) {
    await execute("bench");
    await execute(undefined);
    bare();
  }
  // By turns, so that what else the machine does hits all alike.
  for (let i = 0; i < rounds; i++) {
    for (let n = 0; n < executions; n++) await run.measure(() => execute("bench"));
    for (let n = 0; n < executions; n++) await execute("bench", { instantiate, call });
    for (let n = 0; n < executions; n++) await anew.measure(() => execute(undefined));
    for (let n = 0; n < executions; n++) await bound.measure(bare);
  }
  const [p50Us, newInstanceUs, lowerBoundUs] = [run, anew, bound].map((times) => times.percentile(50));
  return {
    component: guest.name,
    componentBytes: guest.bytes.length,
    executionsPerSecond: run.perSecond,
    p50Us: p50Us ?? 0,
    p99Us: run.percentile(99),
    instantiateUs: instantiate.percentile(50),
    callUs: call.percentile(50),
    newInstanceUs: newInstanceUs ?? 0,
    lowerBoundUs: lowerBoundUs ?? 0,
    ratioToLowerBound: round((p50Us ?? 0) / (lowerBoundUs ?? 1)),
    newInstanceRatio: round((newInstanceUs ?? 0) / (lowerBoundUs ?? 1)),
    memoryPerCachedKb: await memoryPerCopy(artifact, action),
  };
}

function link(artifact: ComponentArtifact): Promise<LoadedComponent> {
  return runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: true } });
}

function newBudget(): Budget {
  return new Budget({ fuel: 10n ** 11n, timeoutMs: 30_000 }, { clock: systemClock });
}

async function memoryPerCopy(artifact: ComponentArtifact, action: unknown): Promise<number> {
  const before = residentBytes();
  const copies: LoadedComponent[] = [];
  for (let i = 0; i < COPIES; i++) {
    // As it arrives in a worker: a copy of the plan, the compiled code shared.
    const component = await link(structuredClone(artifact));
    for (let n = 0; n < 4; n++) {
      using budget = newBudget();
      using instance = await runtime.instantiate(component, { imports, budget, owner: "bench" });
      await instance.call("run", [action]);
    }
    copies.push(component);
  }
  return round((residentBytes() - before) / copies.length / 1024);
}

function residentBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().rss;
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
