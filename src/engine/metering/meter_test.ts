import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { Budget, instantiateMetered, meterModule, startOf } from "./mod.ts";

interface Metered {
  readonly exports: Record<string, CallableFunction>;
  readonly budget: Budget;
}

async function meter(wat: string, maxMemoryPages = 100): Promise<Uint8Array<ArrayBuffer>> {
  const module = await parse(`(module ${wat})`) as Uint8Array<ArrayBuffer>;
  assert.ok(WebAssembly.validate(module), "the test's own module is invalid");
  const metered = meterModule(module, { maxMemoryPages }).bytes;
  assert.ok(WebAssembly.validate(metered), "the metered module is invalid");
  return metered;
}

async function instantiate(wat: string, imports: WebAssembly.Imports = {}, fuel = 10n ** 9n): Promise<Metered> {
  const budget = new Budget({ fuel, timeoutMs: 60_000 }, { clock: systemClock });
  const instance = instantiateMetered(new WebAssembly.Module(await meter(wat)), imports, () => budget);
  startOf(instance.exports)?.();
  return { exports: instance.exports as Record<string, CallableFunction>, budget };
}

async function refusal(wat: string, maxMemoryPages?: number): Promise<string> {
  const error = await meter(wat, maxMemoryPages).then(() => undefined, (thrown: unknown) => thrown);
  assert.ok(isWavsError(error), `expected a refusal, got ${String(error)}`);
  return `${error.code}: ${error.message}`;
}

Deno.test("straight-line code costs one per operator and one per call", async () => {
  const { exports, budget } = await instantiate(`(func (export "f") (result i32)
    (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))`);
  assert.equal(exports["f"]?.(), 7);
  assert.equal(budget.used(), 6n, "five operators and the entry");
});

Deno.test("structure is free and branches are charged only where taken", async () => {
  const { exports, budget } = await instantiate(`(func (export "f") (param i32)
    (block $out
      (br_if $out (local.get 0))
      (nop)
      (drop (i32.const 1))
      (drop (i32.const 2))))`);
  exports["f"]?.(1);
  assert.equal(budget.used(), 3n, "entry, local.get, br_if");
  exports["f"]?.(0);
  assert.equal(budget.used(), 3n + 5n, "and two constants");
});

Deno.test("a loop is charged for every round", async () => {
  const { exports, budget } = await instantiate(`(func (export "f") (param i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`);
  exports["f"]?.(1_000_000);
  assert.equal(budget.used(), 1n + 5n * 1_000_000n);
});

Deno.test("a run that costs exactly its fuel completes, one less does not", async () => {
  const wat = `(func (export "f") (param i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`;
  for (const rounds of [1, 100_000]) {
    const fuel = 1n + 5n * BigInt(rounds);
    (await instantiate(wat, {}, fuel)).exports["f"]?.(rounds);
    const { exports } = await instantiate(wat, {}, fuel - 1n);
    assert.throws(() => exports["f"]?.(rounds), /used up its fuel limit/);
  }
});

Deno.test("long bulk operations are charged for their length, short ones are not", async () => {
  const { exports, budget } = await instantiate(`(memory 100) (func (export "f") (param i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))`);
  exports["f"]?.(1000);
  assert.equal(budget.used(), 5n);
  exports["f"]?.(1_600_000);
  assert.equal(budget.used(), 5n + 5n + 100_000n);
});

Deno.test("a bulk operation is charged however its number is written", async () => {
  const module = await parse(`(module (memory 100) (func (export "f")
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 1600000)) (nop) (nop)))`);
  const fill = module.findIndex((byte, i) => byte === 0xfc && module[i + 1] === 11);
  module.set([0xfc, 0x8b, 0x80, 0, 0], fill);
  const { bytes } = meterModule(module, { maxMemoryPages: 100 });
  const budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 60_000 }, { clock: systemClock });
  const { exports } = instantiateMetered(new WebAssembly.Module(bytes), {}, () => budget);
  (exports["f"] as CallableFunction)();
  assert.equal(budget.used(), 5n + 100_000n);
});

Deno.test("functions, globals, tables and segments keep their meaning", async () => {
  const { exports } = await instantiate(
    `(import "m" "double" (func $double (param i32) (result i32)))
    (import "m" "base" (global $base i32))
    (memory (export "memory") 1)
    (global $counter (export "counter") (mut i32) (i32.const 5))
    (global $copy i32 (global.get $base))
    (table $t 4 funcref)
    (elem (table $t) (i32.const 0) func $own $double)
    (elem (table $t) (i32.const 2) funcref (ref.func $own) (ref.null func))
    (elem declare func $own)
    (data (i32.const 8) "data")
    (data $passive "passive")
    (func $own (param i32) (result i32) (i32.add (local.get 0) (global.get $copy)))
    (func $start (global.set $counter (i32.add (global.get $counter) (i32.const 1))))
    (start $start)
    (func (export "indirect") (param i32 i32) (result i32)
      (call_indirect $t (param i32) (result i32) (local.get 1) (local.get 0)))
    (func (export "init") (memory.init $passive (i32.const 100) (i32.const 0) (i32.const 7)))
    (func (export "tail") (param i32) (result i32) (return_call $double (local.get 0)))
    (func (export "isNull") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
    (func (export "lanes") (result i32) (i32x4.extract_lane 2 (v128.const i32x4 1 2 3 4)))`,
    { m: { double: (x: number) => 2 * x, base: 1000 } },
  );
  assert.equal(exports["indirect"]?.(0, 1), 1001);
  assert.equal(exports["indirect"]?.(1, 21), 42);
  assert.equal(exports["indirect"]?.(2, 1), 1001);
  assert.equal(exports["isNull"]?.(3), 1);
  assert.equal(exports["tail"]?.(4), 8);
  assert.equal(exports["lanes"]?.(), 3);
  assert.equal((exports["counter"] as unknown as WebAssembly.Global).value, 6, "the start function ran once");
  exports["init"]?.();
  const memory = new Uint8Array((exports["memory"] as unknown as WebAssembly.Memory).buffer);
  assert.equal(new TextDecoder().decode(memory.subarray(8, 12)), "data");
  assert.equal(new TextDecoder().decode(memory.subarray(100, 107)), "passive");
});

Deno.test("a memory's maximum is lowered, never raised", async () => {
  for (const [declared, most] of [["1", 100], ["1 1000", 100], ["1 7", 7]] as const) {
    const { exports } = await instantiate(`(memory ${declared}) (func (export "grow") (param i32) (result i32)
      (memory.grow (local.get 0)))`);
    assert.equal(exports["grow"]?.(most), -1, declared);
    assert.equal(exports["grow"]?.(most - 1), 1, declared);
  }
});

Deno.test("a memory or table that starts too large is refused", async () => {
  assert.match(await refusal("(memory 101)"), /component_too_large: .*"101" pages of memory, but the limit is "100"/);
  assert.match(await refusal("(table 1000000 funcref)"), /component_too_large: .*table entries/);
});

Deno.test("what the pass does not follow is refused by name", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["(memory i64 1)", /memory64/],
    ["(table i64 1 funcref)", /memory64/],
    ["(memory 1 2 shared)", /threads \(shared memory\)/],
    ["(memory 1) (memory 1)", /several memories/],
    ["(tag)", /exceptions/],
    ["(func (block $b (try_table (catch_all $b))))", /exceptions/],
    ["(type (struct))", /garbage collection/],
    ["(rec (type (func)) (type (func)))", /garbage collection/],
    ["(func (drop (ref.i31 (i32.const 1))))", /garbage collection/],
    [`(import "m" "t" (tag))`, /exceptions/],
    ["(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))", /relaxed SIMD/],
    ["(func (param (ref func)))", /typed references/],
    ["(memory 1) (func (drop (i32.atomic.load (i32.const 0))))", /threads/],
    [`(import "wavs:meter" "refill" (func))`, /the reserved name "wavs:meter"/],
    [`(import "m" "wavs:meter/fuel" (global (mut i64)))`, /the reserved name "wavs:meter\/fuel"/],
    [`(func (export "wavs:meter/start"))`, /the reserved name "wavs:meter\/start"/],
  ];
  for (const [wat, reason] of cases) {
    const refused = await refusal(wat);
    assert.match(refused, /^component_unsupported: /, wat);
    assert.match(refused, reason, wat);
  }
});
