import assert from "node:assert/strict";
import { manualClock } from "@/context/testing/manual_clock.ts";
import { WATCH_INTERVAL_MS } from "./limits.ts";
import { Watchdog } from "./watchdog.ts";

Deno.test("what outlives its deadline is told once, soon after, and what ended in time is not", async () => {
  const clock = manualClock();
  using watchdog = new Watchdog(clock);
  const late: string[] = [];
  watchdog.watch(1_000, () => late.push("short"));
  watchdog.watch(5_000, () => late.push("long"));
  const ended = watchdog.watch(2_000, () => late.push("ended"));
  await clock.advance(999);
  assert.deepEqual(late, []);
  ended[Symbol.dispose]();
  await clock.advance(1 + WATCH_INTERVAL_MS);
  assert.deepEqual(late, ["short"]);
  await clock.advance(10_000);
  assert.deepEqual(late, ["short", "long"]);
});

Deno.test("a watchdog that had nothing to watch for a while watches again", async () => {
  const clock = manualClock();
  using watchdog = new Watchdog(clock);
  watchdog.watch(100, () => {})[Symbol.dispose]();
  await clock.advance(10_000);
  let isLate = false;
  watchdog.watch(100, () => isLate = true);
  await clock.advance(100 + WATCH_INTERVAL_MS);
  assert.ok(isLate);
});

Deno.test("a closed watchdog tells of nothing", async () => {
  const clock = manualClock();
  const watchdog = new Watchdog(clock);
  let isLate = false;
  watchdog.watch(100, () => isLate = true);
  watchdog[Symbol.dispose]();
  watchdog.watch(100, () => isLate = true);
  await clock.advance(10_000);
  assert.ok(!isLate);
});
