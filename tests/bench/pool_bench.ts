import process from "node:process";
import type { Service } from "@/domain/mod.ts";
import { MeteredModuleTable, openDatabase } from "@/storage/mod.ts";
import { type EngineHarness, requestOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { median, round, type Spread, spreadOf } from "./rounds.ts";

/** Executions by way of the engine, workers and all. */
export interface PoolMeasurement {
  readonly oneWorkerPerSecond: number;
  readonly twoWorkersPerSecond: number;
  /** Of the rounds, each of which measures one worker and then two. */
  readonly scalingTwoWorkers: number;
  readonly scalingSpread: Spread;
  /** Processors that two workers, main and what collects garbage keep busy; there are no more than the machine has. */
  readonly processorsBusy: number;
  /** Processor time of the main isolate per execution; NaN where the operating system does not tell. */
  readonly mainIsolateUs: number;
  /** From the order to the answer after a restart, once the idle workers have made the component ready. */
  readonly firstExecutionMs: number;
  /** How long that takes. */
  readonly warmUpMs: number;
  /** As `firstExecutionMs`, when the order is there before anything was made ready. */
  readonly firstExecutionColdMs: number;
}

/** Executions on their way at once, per worker. */
const IN_FLIGHT = 8;

/** How often the executions that were asked for are done, per worker: code is compiled while the first thousands run. */
const TIMES = 10;

export async function measurePool(
  bytes: Uint8Array,
  { rounds, executions }: { readonly rounds: number; readonly executions: number },
): Promise<PoolMeasurement> {
  const one: number[] = [];
  const two: number[] = [];
  const main: number[] = [];
  const busy: number[] = [];
  for (let i = 0; i < rounds; i++) {
    one.push((await throughput(bytes, 1, executions)).perSecond);
    const both = await throughput(bytes, 2, executions);
    two.push(both.perSecond);
    main.push(both.mainUs);
    busy.push(both.processorsBusy);
  }
  const scaling = one.map((perSecond, i) => (two[i] ?? Number.NaN) / perSecond);
  return {
    oneWorkerPerSecond: median(one),
    twoWorkersPerSecond: median(two),
    scalingTwoWorkers: median(scaling),
    scalingSpread: spreadOf(scaling),
    processorsBusy: median(busy),
    mainIsolateUs: median(main),
    ...await firstExecution(bytes, rounds),
  };
}

async function throughput(
  bytes: Uint8Array,
  workers: number,
  executions: number,
): Promise<{ perSecond: number; mainUs: number; processorsBusy: number }> {
  await using harness = await startEngine({ workers });
  const service = serviceOf({ operator: await harness.engine.upload(bytes), http: true });
  const request = requestOf(service, "Execution number 1");
  const run = async (count: number) => {
    let left = count;
    const lane = async () => {
      while (left-- > 0) {
        const { ok, writes } = await harness.engine.execute(request);
        writes[Symbol.dispose]();
        if (!ok) throw new Error("an execution failed");
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT * workers }, lane));
  };
  const times = executions * TIMES * workers;
  await run(times);
  const before = { ms: performance.now(), mainUs: mainThreadUs(), cpu: process.cpuUsage() };
  await run(times);
  const seconds = (performance.now() - before.ms) / 1000;
  const mainUs = mainThreadUs() - before.mainUs;
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    perSecond: round(times / seconds),
    mainUs: round(mainUs / times),
    processorsBusy: round((user + system) / 1e6 / seconds),
  };
}

type FirstExecution = Pick<PoolMeasurement, "firstExecutionMs" | "warmUpMs" | "firstExecutionColdMs">;

async function firstExecution(bytes: Uint8Array, rounds: number): Promise<FirstExecution> {
  const dataDirectory = await Deno.makeTempDir();
  using database = openDatabase({ path: `${dataDirectory}/wavs.sqlite`, durability: "process" });
  const restarted = () => startEngine({ dataDirectory, meteredFiles: new MeteredModuleTable(database) });
  const warm: number[] = [];
  const warmUp: number[] = [];
  const cold: number[] = [];
  try {
    const service = await (async () => {
      await using harness = await restarted();
      return serviceOf({ operator: await harness.engine.upload(bytes), http: true });
    })();
    for (let i = 0; i < rounds; i++) {
      await using first = await restarted();
      cold.push(await msOf(() => runOnce(first, service)));
      await using second = await restarted();
      warmUp.push(await msOf(() => second.engine.warmUp([service])));
      warm.push(await msOf(() => runOnce(second, service)));
    }
  } finally {
    await Deno.remove(dataDirectory, { recursive: true });
  }
  return {
    firstExecutionMs: median(warm),
    warmUpMs: median(warmUp),
    firstExecutionColdMs: median(cold),
  };
}

async function runOnce({ engine }: EngineHarness, service: Service): Promise<void> {
  const { ok } = await runService(engine, service, "Execution number 1");
  if (!ok) throw new Error("the first execution failed");
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** Linux counts it per thread; the main isolate runs in the first one. */
function mainThreadUs(): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`).split(" ")[0]) / 1000;
  } catch {
    return Number.NaN;
  }
}
