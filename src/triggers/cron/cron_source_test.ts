import assert from "node:assert/strict";
import { type ManualClock, manualClock } from "@/context/testing/manual_clock.ts";
import type { Context, Logger } from "@/context/mod.ts";
import {
  parseServiceId,
  parseWorkflowId,
  type RegistrySnapshot,
  type TimestampNs,
  type Trigger,
  type WatchedService,
} from "@/domain/mod.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import type { MissedPolicy } from "../missed.ts";
import type { Cursor, SourceBatch, TriggerSource } from "../types.ts";
import { createCronSource } from "./cron_source.ts";
import { MAX_MISSED_FIRES } from "./limits.ts";

const START_MS = Date.UTC(2026, 0, 1, 12, 0, 0);
const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

function cron(schedule: string, bounds: { startTime?: bigint; endTime?: bigint } = {}): Trigger {
  const { startTime, endTime } = bounds as { startTime?: TimestampNs; endTime?: TimestampNs };
  return { kind: "cron", schedule, startTime, endTime };
}

function registry(...triggers: readonly Trigger[]): RegistrySnapshot {
  const service: WatchedService = {
    serviceId: parseServiceId("1".padStart(64, "0")),
    manager: { kind: "evm", chain: "evm:1" as never, address: "0x" as never },
    status: "active",
    workflows: triggers.map((trigger, index) => ({ workflowId: parseWorkflowId(`wf-${index}`), trigger })),
    since: undefined,
  };
  return { revision: 1, services: [service], chains: [] };
}

/** A source with its consumer: the latest cursor is the one that was committed. */
class Run implements AsyncDisposable {
  readonly source: TriggerSource;
  readonly batches: SourceBatch[] = [];
  cursor: Cursor | undefined;
  /** Batches that are still taken; what comes after is lost as in a crash. */
  room = Infinity;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    clock: ManualClock,
    watched: RegistrySnapshot,
    options: { readonly from?: Cursor; readonly missed?: MissedPolicy } = {},
  ) {
    const context: Context = { log: SILENT, clock, random: () => 0.5, signal: new AbortController().signal };
    this.source = createCronSource({ missed: options.missed ?? "fire_all" }, { context });
    void this.source.watch(watched);
    this.cursor = options.from;
    this.#running = this.#consume();
  }

  /** Seconds after the start, of everything that fired. */
  get fired(): readonly number[] {
    return this.batches.flatMap(({ events }) => events).map(({ data }) => {
      assert.ok(data.kind === "Cron");
      return (Number(data.triggerTime / 1_000_000n) - START_MS) / 1000;
    });
  }

  async #consume(): Promise<void> {
    for await (const batch of this.source.batches(this.cursor, this.#stop.signal)) {
      if (this.room-- <= 0) return;
      this.batches.push(batch);
      this.cursor = batch.cursor;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.source[Symbol.asyncDispose]();
    await this.#running;
  }
}

Deno.test("a schedule fires at its times, once, with the scheduled time in the data", async () => {
  const clock = manualClock(START_MS + 300);
  await using run = new Run(clock, registry(cron("*/10 * * * * *")));
  await clock.advance(35_000);
  assert.deepEqual(run.fired, [10, 20, 30]);
});

Deno.test("what was handed over is not handed over again after a restart", async () => {
  const clock = manualClock(START_MS);
  const first = new Run(clock, registry(cron("*/10 * * * * *")));
  await clock.advance(21_000);
  await first[Symbol.asyncDispose]();
  await using second = new Run(clock, registry(cron("*/10 * * * * *")), { from: first.cursor! });
  await clock.advance(10_000);
  assert.deepEqual([first.fired, second.fired], [[10, 20], [30]]);
});

for (
  const [missed, expected] of [
    ["fire_all", [10, 20, 30, 40, 50, 60]],
    ["fire_last", [40, 50, 60]],
    ["skip", [50, 60]],
  ] as const
) {
  Deno.test(`after an outage, ${missed} fires ${expected.join(", ")}`, async () => {
    const clock = manualClock(START_MS);
    const watched = registry(cron("*/10 * * * * *"));
    const first = new Run(clock, watched);
    await clock.advance(1_000);
    await first[Symbol.asyncDispose]();
    clock.set(START_MS + 52_000);
    await using second = new Run(clock, watched, { from: first.cursor!, missed });
    await clock.advance(9_000);
    assert.deepEqual(second.fired, expected);
  });
}

Deno.test("a clock set back fires nothing twice and goes on when its time is new", async () => {
  const clock = manualClock(START_MS);
  await using run = new Run(clock, registry(cron("0 * * * * *")));
  await clock.advance(121_000);
  clock.set(START_MS - 180_000);
  await clock.advance(301_000 + 61_000);
  assert.deepEqual(run.fired, [60, 120, 180]);
});

Deno.test("a clock set forward makes up for what it passed, each time once", async () => {
  const clock = manualClock(START_MS);
  await using run = new Run(clock, registry(cron("0 * * * * *")));
  await clock.advance(61_000);
  clock.set(START_MS + 361_000);
  await clock.advance(2_000);
  assert.deepEqual(run.fired, [60, 120, 180, 240, 300, 360]);
});

Deno.test("a service that comes while the clock runs fires from then on, and watching is durable when it is said to be", async () => {
  const clock = manualClock(START_MS);
  const before = registry(cron("*/10 * * * * *"));
  const run = new Run(clock, before);
  await clock.advance(15_000);
  const after = registry(cron("*/10 * * * * *"), cron("*/4 * * * * *"));
  await run.source.watch(after);
  await run[Symbol.asyncDispose]();
  assert.deepEqual(run.fired, [10]);
  clock.set(START_MS + 22_000);
  await using next = new Run(clock, after, { from: run.cursor! });
  await clock.advance(0);
  // The new one is known to the cursor, so the times of the restart are made up for: 16 and 20, and not 4, 8, 12.
  assert.deepEqual(next.fired, [16, 20, 20]);
});

Deno.test("removing a service ends its times, and another schedule begins anew", async () => {
  const clock = manualClock(START_MS);
  await using run = new Run(clock, registry(cron("*/10 * * * * *")));
  await clock.advance(11_000);
  await run.source.watch(registry(cron("*/7 * * * * *")));
  await clock.advance(4_000);
  await run.source.watch(registry());
  await clock.advance(60_000);
  assert.deepEqual(run.fired, [10, 14]);
});

Deno.test("start is exclusive, end is inclusive", async () => {
  const clock = manualClock(START_MS);
  const startTime = BigInt(START_MS + 10_000) * 1_000_000n;
  const endTime = BigInt(START_MS + 30_000) * 1_000_000n;
  await using run = new Run(clock, registry(cron("*/10 * * * * *", { startTime, endTime })));
  await clock.advance(60_000);
  assert.deepEqual(run.fired, [20, 30]);
});

Deno.test("an expression that is none is passed over, the others go on", async () => {
  const clock = manualClock(START_MS);
  await using run = new Run(clock, registry(cron("nonsense"), cron("*/10 * * * * *")));
  await clock.advance(11_000);
  assert.deepEqual(run.fired, [10]);
});

Deno.test("a crash between batches loses no time of the ones that were not committed", async () => {
  const clock = manualClock(START_MS);
  const watched = registry(cron("* * * * * *"));
  const first = new Run(clock, watched);
  await clock.advance(0);
  await first[Symbol.asyncDispose]();
  clock.set(START_MS + 1_200_000);
  const second = new Run(clock, watched, { from: first.cursor! });
  second.room = 1;
  await clock.advance(0);
  await second[Symbol.asyncDispose]();
  assert.equal(second.fired.length, MAX_EVENTS_PER_BATCH);
  await using third = new Run(clock, watched, { from: second.cursor! });
  await clock.advance(0);
  const all = [...second.fired, ...third.fired];
  assert.deepEqual(all, Array.from({ length: 1_200 }, (_, index) => index + 1));
});

Deno.test("after a long outage the latest times are made up for, up to the limit", async () => {
  const clock = manualClock(START_MS);
  const watched = registry(cron("* * * * * *"));
  const first = new Run(clock, watched);
  await clock.advance(0);
  await first[Symbol.asyncDispose]();
  const outageSeconds = 40 * 24 * 3_600;
  clock.set(START_MS + outageSeconds * 1_000);
  await using second = new Run(clock, watched, { from: first.cursor! });
  await clock.advance(0);
  assert.equal(second.fired.length, MAX_MISSED_FIRES);
  assert.equal(second.fired.at(-1), outageSeconds);
});
