import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { echoGuest, operatorGuest, squareGuest } from "@tests/support/wat_guests.ts";
import { type HostImports, OPERATOR_WORLD } from "../mod.ts";
import { createDirectRuntime } from "./runtime.ts";

const runtime = createDirectRuntime();
const text = new TextEncoder();

interface RunOptions {
  readonly data?: string;
  readonly fuel?: bigint;
  readonly timeoutMs?: number;
  readonly imports?: HostImports;
  readonly asyncImports?: readonly string[];
  readonly killFlag?: Int32Array<SharedArrayBuffer>;
}

async function run(bytes: Uint8Array, options: RunOptions = {}): Promise<{ answer: unknown; fuel: bigint }> {
  const artifact = await runtime.prepare(bytes, { asyncImports: new Set(options.asyncImports ?? []) });
  const component = await runtime.link(structuredClone(artifact), { world: OPERATOR_WORLD, grants: { http: false } });
  using budget = new Budget(
    { fuel: options.fuel ?? 10n ** 12n, timeoutMs: options.timeoutMs ?? 10_000 },
    { clock: systemClock, ...(options.killFlag === undefined ? {} : { killFlag: options.killFlag }) },
  );
  const instance = await runtime.instantiate(component, { imports: options.imports ?? {}, budget });
  const answer = await instance.call("run", [rawAction(text.encode(options.data ?? "hello"))]);
  return { answer, fuel: budget.used() };
}

function response(payload: string): unknown {
  const only = { payload: text.encode(payload), ordering: undefined, eventIdSalt: undefined };
  return { tag: "ok", val: [only] };
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await work.then(() => undefined, (error: unknown) => error);
  assert.ok(isWavsError(error), `expected a WavsError, got ${String(error)}`);
  return { code: error.code, message: error.message };
}

Deno.test("a guest echoes the bytes it was triggered with", async () => {
  assert.deepEqual((await run(await echoGuest(), { data: "grüezi" })).answer, response("grüezi"));
});

Deno.test("a guest squares", async () => {
  assert.deepEqual((await run(await squareGuest(), { data: `{"x":12}` })).answer, response(`{"y":144}`));
});

Deno.test("fuel used is the same every time and enough fuel is exactly enough", async () => {
  const guest = await squareGuest();
  const { fuel } = await run(guest, { data: `{"x":12}` });
  assert.equal((await run(guest, { data: `{"x":12}` })).fuel, fuel);
  await run(guest, { data: `{"x":12}`, fuel });
  assert.equal((await failure(run(guest, { data: `{"x":12}`, fuel: 1n }))).code, "out_of_fuel");
});

Deno.test("a spinning guest runs out of fuel", async () => {
  const spin = await operatorGuest({ body: "(loop $l (br $l))" });
  assert.equal((await failure(run(spin, { fuel: 10_000_000n }))).code, "out_of_fuel");
});

Deno.test("a spinning guest is stopped soon after its deadline", async () => {
  const spin = await operatorGuest({ body: "(loop $l (br $l))" });
  const start = performance.now();
  assert.equal((await failure(run(spin, { timeoutMs: 100 }))).code, "out_of_time");
  assert.ok(performance.now() - start < 350, "the deadline is overshot by more than 250 ms");
});

Deno.test("a spinning guest is stopped by the kill flag", async () => {
  const spin = await operatorGuest({ body: "(loop $l (br $l))" });
  const killFlag = new Int32Array(new SharedArrayBuffer(4));
  Atomics.store(killFlag, 0, 1);
  assert.equal((await failure(run(spin, { killFlag }))).code, "killed");
});

Deno.test("a guest that fills memory over and over is stopped by its deadline", async () => {
  const fill = await operatorGuest({
    body: `(drop (memory.grow (i32.const 1500)))
      (loop $l (memory.fill (i32.const 65536) (i32.const 1) (i32.const 90000000)) (br $l))`,
  });
  const start = performance.now();
  assert.equal((await failure(run(fill, { timeoutMs: 100 }))).code, "out_of_time");
  assert.ok(performance.now() - start < 350, "the deadline is overshot by more than 250 ms");
});

Deno.test("a guest that only calls the host is stopped by its deadline", async () => {
  const chatter = await operatorGuest({
    imports: `(import "host" "log" (func $log (param i32 i32 i32)))`,
    body: "(loop $l (call $log (i32.const 2) (i32.const 0) (i32.const 60000)) (br $l))",
  });
  const start = performance.now();
  const imports = { host: { log: () => {} } };
  assert.equal((await failure(run(chatter, { timeoutMs: 100, imports }))).code, "out_of_time");
  assert.ok(performance.now() - start < 350, "the deadline is overshot by more than 250 ms");
});

Deno.test("memory cannot grow past its limit", async () => {
  const hog = await operatorGuest({
    body: `(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
      (if (i32.gt_u (memory.size) (i32.const 2048)) (then unreachable))`,
  });
  assert.deepEqual((await run(hog)).answer, response(""));
});

Deno.test("a table cannot grow past its limit", async () => {
  const hog = await operatorGuest({
    fields: "(table $t 1 funcref)",
    body: `(loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
      (if (i32.gt_u (table.size $t) (i32.const 100000)) (then unreachable))`,
  });
  assert.deepEqual((await run(hog)).answer, response(""));
});

Deno.test("traps keep their text and show no host stack", async () => {
  const cases = {
    unreachable: "unreachable",
    "(call $recurse)": "call stack exhausted",
    "(drop (i32.load (i32.const -4)))": "memory access out of bounds",
    "(drop (i32.div_u (i32.const 1) (local.get $length)))": "divide by zero",
  };
  for (const [body, reason] of Object.entries(cases)) {
    const guest = await operatorGuest({ body, fields: "(func $recurse (call $recurse))" });
    assert.deepEqual(await failure(run(guest)), {
      code: "guest_trap",
      message: `The component trapped: ${reason}`,
    }, body);
  }
});

Deno.test("a start function is metered", async () => {
  const spin = await operatorGuest({ body: "", fields: "(func $start (loop $l (br $l))) (start $start)" });
  assert.equal((await failure(run(spin, { fuel: 1_000_000n }))).code, "out_of_fuel");
});

Deno.test("a waiting guest is cut at its deadline", async () => {
  const guest = await operatorGuest({
    imports: `(import "host" "log" (func $log (param i32 i32 i32)))`,
    body: "(call $log (i32.const 2) (i32.const 0) (i32.const 0))",
  });
  const imports = { host: { log: () => new Promise<void>(() => {}) } };
  const start = performance.now();
  assert.equal((await failure(run(guest, { timeoutMs: 50, imports, asyncImports: ["host#log"] }))).code, "out_of_time");
  assert.ok(performance.now() - start < 300, "the deadline is overshot by more than 250 ms");
});

Deno.test("a host promise suspends the guest and its value comes back", async () => {
  const guest = await operatorGuest({
    imports: `(import "host" "config-var" (func $var (param i32 i32 i32)))`,
    fields: `(data (i32.const 1024) "name")`,
    body: `(call $var (i32.const 1024) (i32.const 4) (i32.const 2048))
      (if (i32.eqz (i32.load8_u (i32.const 2048))) (then unreachable))
      (local.set $answer (i32.load (i32.const 2052)))
      (local.set $length (i32.load (i32.const 2056)))`,
  });
  const imports = { host: { configVar: (key: string) => Promise.resolve(`value of ${key}`) } };
  assert.deepEqual(
    (await run(guest, { imports, asyncImports: ["host#config-var"] })).answer,
    response("value of name"),
  );
});

Deno.test("a host function that fails ends the execution by its name", async () => {
  const guest = await operatorGuest({
    imports: `(import "host" "log" (func $log (param i32 i32 i32)))`,
    body: "(call $log (i32.const 2) (i32.const 0) (i32.const 0))",
  });
  const broken = () => {
    throw new Error("disk full");
  };
  const { code, message } = await failure(run(guest, { imports: { host: { log: broken } } }));
  assert.deepEqual({ code, message }, {
    code: "host_call_failed",
    message: `The host function "host#log" failed: disk full`,
  });
  assert.equal((await failure(run(guest))).code, "host_import_missing");
});

Deno.test("an instance is unusable after a trap", async () => {
  const guest = await operatorGuest({ body: "unreachable" });
  const artifact = await runtime.prepare(guest, { asyncImports: new Set() });
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: false } });
  using budget = new Budget({ fuel: 1_000_000n, timeoutMs: 1000 }, { clock: systemClock });
  const instance = await runtime.instantiate(component, { imports: {}, budget });
  await failure(instance.call("run", [rawAction(new Uint8Array())]));
  const again = await failure(instance.call("run", [rawAction(new Uint8Array())]));
  assert.equal(again.message, "The component trapped: cannot enter component instance");
});

Deno.test("a guest cannot make the host copy more than the limit", async () => {
  const guest = await operatorGuest({ body: "(local.set $length (i32.const 100000))" });
  const artifact = await runtime.prepare(guest, { asyncImports: new Set() });
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: false } });
  using budget = new Budget({ fuel: 1_000_000n, timeoutMs: 1000 }, { clock: systemClock });
  const limits = { maxLiftedBytes: 99_999 };
  const instance = await runtime.instantiate(component, { imports: {}, budget, limits });
  const { message } = await failure(instance.call("run", [rawAction(new Uint8Array())]));
  assert.equal(message, "The component trapped: one call copies more than 99999 bytes out of the guest");
});
