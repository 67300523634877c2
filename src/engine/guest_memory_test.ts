import assert from "node:assert/strict";
import { payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";
import { GuestMemory } from "./guest_memory.ts";

const MIB = 1024 * 1024;
const WORKERS = 2;
/** Four executions of 16 MiB at once. */
const COMPONENT_MB = 16;
const GUESTS_MB = 64;

/** Takes all the memory it may have, writes into every page and sleeps for a fiftieth of a second. */
const hog = await operatorGuest({
  imports: `(import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
    (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))`,
  body: `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (local.set $i (i32.const 65536))
    (loop $touch
      (i32.store (local.get $i) (i32.const 7))
      (local.set $i (i32.add (local.get $i) (i32.const 4096)))
      (br_if $touch (i32.lt_u (local.get $i) (i32.mul (memory.size) (i32.const 65536)))))
    (call $block (call $after (i64.const 20000000)))
    (i32.store (i32.const 1024) (memory.size))
    (local.set $answer (i32.const 1024)) (local.set $length (i32.const 4))`,
});

function ceilings(maxGuestMemoryMb: number | undefined) {
  return { maxFuel: undefined, maxExecutionSeconds: undefined, maxMemoryMb: COMPONENT_MB, maxGuestMemoryMb };
}

Deno.test("executions wait for memory rather than fail, and never have more together than the node gives them", async () => {
  await using started = await startEngine({ workers: WORKERS, ceilings: ceilings(GUESTS_MB) });
  const { engine } = started;
  const service = serviceOf({ operator: await engine.upload(hog) });
  const seen = { running: 0, waiting: 0, bytes: 0 };
  const watch = setInterval(() => {
    const { running, waiting, promisedMemoryBytes, maxMemoryBytes } = engine.load();
    assert.equal(maxMemoryBytes, GUESTS_MB * MIB);
    assert.ok(running * COMPONENT_MB * MIB <= promisedMemoryBytes, "an execution runs without memory");
    seen.running = Math.max(seen.running, running);
    seen.waiting = Math.max(seen.waiting, waiting);
    seen.bytes = Math.max(seen.bytes, promisedMemoryBytes);
  }, 1);
  try {
    const fitting = GUESTS_MB / COMPONENT_MB;
    // Twice what fits, and again while that runs.
    const runs = Array.from({ length: 4 * fitting }, () => runService(engine, service, ""));
    const full = String.fromCharCode(COMPONENT_MB * 16 & 0xff, COMPONENT_MB >> 4, 0, 0);
    for (const result of await Promise.all(runs)) assert.deepEqual(payloadsOf(result), [full]);
    assert.deepEqual(seen, { running: fitting, waiting: 3 * fitting, bytes: GUESTS_MB * MIB });
  } finally {
    clearInterval(watch);
  }
  const { workers: _, ...load } = engine.load();
  assert.deepEqual(load, { running: 0, waiting: 0, promisedMemoryBytes: 0, maxMemoryBytes: GUESTS_MB * MIB });
});

Deno.test("an execution gets no more than the node gives to all of them", async () => {
  await using started = await startEngine({ workers: WORKERS, ceilings: ceilings(4) });
  const service = serviceOf({ operator: await started.engine.upload(hog) });
  const results = await Promise.all(Array.from({ length: 3 }, () => runService(started.engine, service, "")));
  for (const result of results) assert.deepEqual(payloadsOf(result), [String.fromCharCode(64, 0, 0, 0)]);
});

Deno.test("without a bound of its own a node gives executions half of the machine's memory", () => {
  const memory = new GuestMemory({ maxComponentMemoryMb: 1, maxGuestMemoryMb: undefined });
  assert.equal(memory.maxBytes, Math.floor(Deno.systemMemoryInfo().total / 2));
});
