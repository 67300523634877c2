import assert from "node:assert/strict";
import { type Clock, systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/mod.ts";
import { failureOf, payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { assertIdle } from "@tests/support/idle.ts";
import { until } from "@tests/support/until.ts";
import { echoGuest, operatorGuest } from "@tests/support/wat_guests.ts";
import type { Engine, ExecutionResult } from "./types.ts";

/** How late an execution may be cut. */
const OVERTIME_MS = 250;

const echo = await echoGuest();
const spinner = await operatorGuest({ body: "(loop $l (br $l))" });
const sleeper = await operatorGuest({
  imports: `(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
    (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))`,
  body: "(call $block (call $after (i64.const 60000000000)))",
});

async function elapsed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const startedAt = performance.now();
  return { value: await work, ms: performance.now() - startedAt };
}

function assertCut(result: ExecutionResult, limitMs: number): void {
  assert.equal(failureOf(result).code, "out_of_time");
  const { elapsedMs } = result.report;
  assert.ok(elapsedMs < limitMs + OVERTIME_MS, `it was cut after ${elapsedMs} ms`);
}

async function runEcho(engine: Engine, operator: string, count: number): Promise<void> {
  const service = serviceOf({ operator, manager: `0x${"ec".repeat(20)}` });
  for (let index = 0; index < count; index++) {
    assert.deepEqual(payloadsOf(await runService(engine, service, `${index}`)), [`${index}`]);
  }
}

Deno.test("a guest that spins on every worker delays nobody, is cut in time, and nothing spins afterwards", async () => {
  await using started = await startEngine({ workers: 2 });
  const { engine } = started;
  const [honest, hostile] = [await engine.upload(echo), await engine.upload(spinner)];
  await runEcho(engine, honest, 1);
  const spinning = Array.from(
    { length: 8 },
    () => runService(engine, serviceOf({ operator: hostile, timeLimitSeconds: 2 }), ""),
  );
  const { ms } = await elapsed(runEcho(engine, honest, 20));
  assert.ok(ms < 2000, `twenty executions took ${ms} ms beside guests that spin`);
  for (const result of await Promise.all(spinning)) assertCut(result, 2000);
  await assertIdle();
});

Deno.test("there is one worker until there is work for more, and never more than there may be", async () => {
  await using started = await startEngine({ workers: 3 });
  const { engine } = started;
  const [honest, sleeping] = [await engine.upload(echo), await engine.upload(sleeper)];
  await runEcho(engine, honest, 5);
  assert.equal(engine.load().workers, 1);
  const slow = Array.from(
    { length: 40 },
    () => runService(engine, serviceOf({ operator: sleeping, timeLimitSeconds: 2 }), ""),
  );
  await until("all workers are there", () => Promise.resolve(engine.load().workers === 3));
  const { running, waiting } = engine.load();
  assert.deepEqual({ running, waiting }, { running: 40, waiting: 0 }, "whoever waited got a place in a new worker");
  await runEcho(engine, honest, 5);
  for (const result of await Promise.all(slow)) assertCut(result, 2000);
  assert.equal(engine.load().workers, 3);
});

Deno.test("a sleeping guest is cut in time on a worker where another spins", async () => {
  await using started = await startEngine({ workers: 1 });
  const { engine } = started;
  const [spinning, sleeping] = [await engine.upload(spinner), await engine.upload(sleeper)];
  const [slept, spun] = await Promise.all([
    runService(engine, serviceOf({ operator: sleeping, timeLimitSeconds: 1 }), ""),
    runService(engine, serviceOf({ operator: spinning, timeLimitSeconds: 3 }), ""),
  ]);
  assertCut(slept, 1000);
  assertCut(spun, 3000);
});

Deno.test("a guest that spins where it cannot give way is cut much earlier", async () => {
  await using started = await startEngine({ workers: 1 });
  const { engine } = started;
  const guests = {
    "its allocator": await operatorGuest({ body: "", allocate: "(loop $l (br $l))" }),
    "its post-return": await operatorGuest({ body: "", postReturn: "(loop $l (br $l))" }),
  };
  for (const [place, bytes] of Object.entries(guests)) {
    const result = await runService(engine, serviceOf({ operator: await engine.upload(bytes) }), "some data");
    assert.match(
      failureOf(result).message,
      /computes too long in an allocator, destructor or post-return function/,
      place,
    );
    assert.ok(result.report.elapsedMs < 1000, `${place}: cut after ${result.report.elapsedMs} ms`);
  }
});

Deno.test("a worker that does not end an execution is replaced, and what it ran can be run again", async () => {
  /** To main a second is ten milliseconds, so its patience ends long before the guest's time does. */
  const hurried: Clock = {
    now: () => systemClock.now() * 100,
    monotonic: () => systemClock.monotonic() * 100,
    sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
  };
  // Honest executions wait for the new worker, however long this machine takes to start one.
  const ceilings = { maxFuel: undefined, maxExecutionSeconds: 6_000n, maxMemoryMb: 64 };
  await using started = await startEngine({ workers: 1, clock: hurried, ceilings });
  const { engine } = started;
  const [honest, hostile] = [await engine.upload(echo), await engine.upload(spinner)];
  const lost = await Promise.allSettled([
    runService(engine, serviceOf({ operator: hostile, timeLimitSeconds: 20 }), ""),
    runService(engine, serviceOf({ operator: hostile, timeLimitSeconds: 25 }), ""),
  ]);
  for (const each of lost) {
    assert.ok(each.status === "rejected" && isWavsError(each.reason, "worker_lost"), JSON.stringify(each));
    assert.equal(each.reason.retryable, true);
  }
  await runEcho(engine, honest, 3);
  await assertIdle();
});

Deno.test("an execution nobody wants any more ends at once, busy or waiting", async () => {
  await using started = await startEngine({ workers: 1 });
  const { engine } = started;
  const services = await Promise.all(
    [spinner, sleeper].map(async (bytes) => serviceOf({ operator: await engine.upload(bytes) })),
  );
  const controller = new AbortController();
  const running = services.map((service) => runService(engine, service, "", { signal: controller.signal }));
  setTimeout(() => controller.abort(), 200);
  const { value, ms } = await elapsed(Promise.allSettled(running));
  assert.ok(value.every(({ status }) => status === "rejected"));
  assert.ok(ms < 1000, `they ended after ${ms} ms`);
  await assertIdle();
});

Deno.test("more executions than places wait their turn, and those that give up leave the queue", async () => {
  await using started = await startEngine({ workers: 1 });
  const { engine } = started;
  const [honest, sleeping] = [await engine.upload(echo), await engine.upload(sleeper)];
  const slow = Array.from(
    { length: 16 },
    () => runService(engine, serviceOf({ operator: sleeping, timeLimitSeconds: 1 }), ""),
  );
  const controller = new AbortController();
  const impatient = runService(engine, serviceOf({ operator: honest }), "", { signal: controller.signal });
  const patient = runEcho(engine, honest, 1);
  controller.abort();
  await assert.rejects(impatient);
  await patient;
  for (const result of await Promise.all(slow)) assertCut(result, 1000);
});
