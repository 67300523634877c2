import assert from "node:assert/strict";
import type { LogFields, Logger } from "@/context/mod.ts";
import { manualClock } from "@/context/testing/manual_clock.ts";
import type { ServiceState } from "./notify.ts";
import { startWatchdog } from "./watchdog.ts";

/** A watchdog of 30 s, hence a check every 10 s, whose answers the test gives. */
function watch(answer: (signal: AbortSignal) => Promise<readonly string[]>) {
  const clock = manualClock();
  const told: ServiceState[] = [];
  const errors: (LogFields | undefined)[] = [];
  const ignore = () => {};
  const log: Logger = {
    error: (_, fields) => void errors.push(fields),
    warn: ignore,
    info: ignore,
    debug: ignore,
    trace: ignore,
    child: () => log,
  };
  const watchdog = startWatchdog(30_000, {
    log,
    clock,
    silent: answer,
    manager: {
      watchdogMs: 30_000,
      tell: (state) => {
        told.push(state);
        return Promise.resolve();
      },
      [Symbol.dispose]: ignore,
    },
  });
  const pings = () => told.filter(({ WATCHDOG }) => WATCHDOG === "1").length;
  return { clock, told, errors, pings, [Symbol.asyncDispose]: () => watchdog[Symbol.asyncDispose]() };
}

/** Nobody answers until it is given up. */
function never(signal: AbortSignal): Promise<readonly string[]> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(["triggers"]), { once: true }));
}

Deno.test("the service manager hears three times within its limit while all workers answer", async () => {
  await using watching = watch(() => Promise.resolve([]));
  await watching.clock.advance(25_000);
  assert.equal(watching.pings(), 3);
  await watching.clock.advance(30_000);
  assert.equal(watching.pings(), 6);
});

Deno.test("while a worker does not answer the service manager hears nothing but which one", async () => {
  await using watching = watch(never);
  await watching.clock.advance(60_000);
  assert.equal(watching.pings(), 0);
  assert.equal(watching.told.at(-1)?.STATUS, "Workers do not answer: triggers");
  assert.deepEqual(watching.errors[0], { workers: "triggers" });
});

Deno.test("one answer that does not come is no end, since the next comes within the limit", async () => {
  let asked = 0;
  await using watching = watch((signal) => ++asked === 2 ? never(signal) : Promise.resolve([]));
  await watching.clock.advance(0);
  assert.equal(watching.pings(), 1);
  await watching.clock.advance(29_000);
  assert.equal(watching.pings(), 2, "at 20 s");
});

Deno.test("a watchdog that is stopped while it waits for an answer ends", async () => {
  const watching = watch(never);
  await watching.clock.advance(1_000);
  const stopped = watching[Symbol.asyncDispose]();
  await watching.clock.advance(10_000);
  await stopped;
  assert.equal(watching.told.length, 0);
});
