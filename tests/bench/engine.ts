/**
 * Executions per second on one thread, a fresh instance each, against the bare instantiation of the same core modules
 * measured in the same run: `deno task bench:engine [rounds] [executions per round]`. JSON on standard output.
 */
import { systemClock } from "@/context/mod.ts";
import { type ComponentArtifact, createComponentRuntime, OPERATOR_WORLD } from "@/engine/component/mod.ts";
import type { DirectBody } from "@/engine/component/direct/linked_component.ts";
import { Budget, instantiateMetered } from "@/engine/metering/mod.ts";
import { machine } from "@tests/support/machine.ts";
import { type Summary, summary } from "@tests/support/statistics.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { echoGuest, squareGuest } from "@tests/support/wat_guests.ts";

const ROUNDS = Number(Deno.args[0] ?? 7);
const EXECUTIONS = Number(Deno.args[1] ?? 500);

interface Guest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly data: string;
}

interface Measurement {
  readonly executionsPerSecond: Summary;
  readonly p50Us: Summary;
  readonly p99Us: Summary;
}

/** Runs `execute` for the warm-up and all rounds; each round gives one rate and two percentiles. */
async function measure(execute: () => Promise<void> | void): Promise<Measurement> {
  for (let i = 0; i < EXECUTIONS; i++) await execute();
  const rates: number[] = [];
  const p50: number[] = [];
  const p99: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    const start = performance.now();
    for (let i = 0; i < EXECUTIONS; i++) {
      const before = performance.now();
      await execute();
      times.push((performance.now() - before) * 1000);
    }
    rates.push(EXECUTIONS / ((performance.now() - start) / 1000));
    times.sort((a, b) => a - b);
    p50.push(times[Math.floor(EXECUTIONS * 0.5)] ?? 0);
    p99.push(times[Math.floor(EXECUTIONS * 0.99)] ?? 0);
  }
  return { executionsPerSecond: summary(rates), p50Us: summary(p50), p99Us: summary(p99) };
}

function budget(): Budget {
  return new Budget({ fuel: 10n ** 11n, timeoutMs: 30_000 }, { clock: systemClock });
}

/** Instantiates a component's core modules and nothing else: functions it would import are all the same stub. */
function bareInstantiation(artifact: ComponentArtifact): () => void {
  const { plan, modules } = artifact.body as DirectBody;
  const stub = () => 0;
  return () => {
    const spent = budget();
    const made: WebAssembly.Exports[] = [];
    for (const step of plan.coreInstances) {
      const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
      for (const each of step.imports) {
        if (each.kind === "all") imports[each.module] = made[each.instance] ?? {};
        else {
          const found = each.value.kind === "export" ? made[each.value.instance]?.[each.value.name] : undefined;
          (imports[each.module] ??= {})[each.name] = found ?? stub;
        }
      }
      const module = modules[step.module];
      if (module !== undefined) made.push(instantiateMetered(module, imports, () => spent).exports);
    }
  };
}

async function benchmark(guest: Guest): Promise<unknown> {
  const runtime = await createComponentRuntime("direct");
  const artifact = await runtime.prepare(guest.bytes, { asyncImports: new Set() });
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: false } });
  const action = rawAction(new TextEncoder().encode(guest.data));
  const bare = await measure(bareInstantiation(artifact));
  const run = await measure(async () => {
    using spent = budget();
    const instance = await runtime.instantiate(component, { imports: {}, budget: spent, owner: "bench" });
    await instance.call("run", [action]);
  });
  return { guest: guest.name, componentBytes: guest.bytes.length, run, bare };
}

const guests: readonly Guest[] = [
  { name: "echo", bytes: await echoGuest(), data: "Execution number 1" },
  { name: "square", bytes: await squareGuest(), data: `{"x":12}` },
];
const results: unknown[] = [];
for (const guest of guests) results.push(await benchmark(guest));
const report = { bench: "engine", machine: await machine(), rounds: ROUNDS, executionsPerRound: EXECUTIONS, results };
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(report, undefined, 2)}\n`));
