/** A thousand guests that break limits among a thousand honest ones, in one engine. */
import assert from "node:assert/strict";
import type { Service } from "@/domain/mod.ts";
import type { Engine } from "@/engine/mod.ts";
import { failureOf, payloadsOf, runService, serviceOf, startEngine, uploadSamples } from "@tests/support/engine.ts";
import { hostileGuests } from "@tests/support/hostile_guests.ts";
import { assertIdle } from "@tests/support/idle.ts";
import { echoGuest, squareGuest } from "@tests/support/wat_guests.ts";

const GUESTS_PER_SIDE = 1000;
const WARM_UP_GUESTS_PER_SIDE = 100;
/** As many as the dispatcher lets be under way, for honest and hostile ones each. */
const UNDER_WAY_PER_SIDE = 32;
/** How late a guest may be cut beside so many others. */
const OVERTIME_MS = 1000;
/** An idle isolate collects its garbage after some ten seconds. */
const IDLE_COLLECTION_MS = 15_000;
/** The longest memory may take to come back. */
const SETTLE_MS = 40_000;

type Run = (index: number) => Promise<void>;

async function honestRuns(engine: Engine): Promise<Run[]> {
  const rust = await Deno.readFile(new URL("../fixtures/rust/square.wasm", import.meta.url));
  const [echoScript = ""] = await uploadSamples(engine, "echo");
  const manager = `0x${"a1".repeat(20)}`;
  const [echo, square, rustSquare, sleepy] = [
    serviceOf({ manager, operator: await engine.upload(await echoGuest()) }),
    serviceOf({ manager, operator: await engine.upload(await squareGuest()) }),
    serviceOf({ manager, operator: await engine.upload(rust) }),
    serviceOf({ manager, operator: echoScript, config: { "sleep-kind": "async", "sleep-ms": "5" } }),
  ] as const;
  const answers =
    (service: Service, text: (index: number) => string, expected: (index: number) => string): Run => async (index) => {
      assert.deepEqual(payloadsOf(await runService(engine, service, text(index))), [expected(index)]);
    };
  return [
    answers(echo, (index) => `echo ${index}`, (index) => `echo ${index}`),
    answers(square, (index) => `{"x":${index}}`, (index) => `{"y":${index ** 2}}`),
    answers(rustSquare, (index) => `{"x":${index}}`, (index) => `{"y":${index ** 2}}`),
    answers(sleepy, (index) => `sleepy ${index}`, (index) => `sleepy ${index}`),
  ];
}

async function hostileRuns(engine: Engine): Promise<Run[]> {
  const guests = await hostileGuests();
  return await Promise.all(guests.map(async ({ name, bytes, limits, endsWith }): Promise<Run> => {
    const service = serviceOf({ manager: `0x${"bb".repeat(20)}`, operator: await engine.upload(bytes), ...limits });
    return async () => {
      const result = await runService(engine, service, "data");
      const { code, message } = failureOf(result);
      assert.ok(endsWith.includes(code), `a guest that ${name} ended with ${code}: ${message}`);
      const limitMs = (limits.timeLimitSeconds ?? 30) * 1000 + OVERTIME_MS;
      assert.ok(result.report.elapsedMs < limitMs, `a guest that ${name} was cut after ${result.report.elapsedMs} ms`);
    };
  }));
}

/** Runs `count` of them, in turn of their kinds, a bounded number at a time. */
async function runAll(kinds: readonly Run[], count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await kinds[index % kinds.length]?.(index);
  };
  await Promise.all(Array.from({ length: UNDER_WAY_PER_SIDE }, worker));
}

/** Resident memory once it is below `bytes`, or when it had its time to get there. */
async function settledRss(bytes: number, patienceMs: number): Promise<number> {
  for (const startedAt = performance.now();;) {
    const { rss } = Deno.memoryUsage();
    if (rss <= bytes || performance.now() - startedAt > patienceMs) return rss;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

Deno.test("a thousand hostile guests hurt none of a thousand honest ones, nor the node", async () => {
  await using started = await startEngine({ workers: 3 });
  const { engine } = started;
  const [honest, hostile] = [await honestRuns(engine), await hostileRuns(engine)];
  await Promise.all([runAll(honest, WARM_UP_GUESTS_PER_SIDE), runAll(hostile, WARM_UP_GUESTS_PER_SIDE)]);
  const before = await settledRss(0, IDLE_COLLECTION_MS);

  await Promise.all([runAll(honest, GUESTS_PER_SIDE), runAll(hostile, GUESTS_PER_SIDE)]);

  await assertIdle();
  const after = await settledRss(before * 1.1, SETTLE_MS);
  assert.ok(after <= before * 1.1, `${after / 1e6} MB are in use, and were ${before / 1e6} MB before`);
});
