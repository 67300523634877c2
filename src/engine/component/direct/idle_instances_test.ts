import assert from "node:assert/strict";
import fc from "fast-check";
import { WatComponent } from "../testing/wat_component.ts";

/** A component whose runs leave traces: in memory, in a global, and in the fuel it has left. */
const SCRIBBLER = `
  (core module $M
    (memory (export "memory") 2)
    (global $count (mut i32) (i32.const 7))
    (global $total (mut i64) (i64.const -1))
    (data (i32.const 70000) "first words")
    (func (export "poke") (param $address i32) (param $value i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.set $total (i64.add (global.get $total) (i64.extend_i32_u (local.get $value))))
      (i32.store8 (local.get $address) (local.get $value)))
    (func (export "sum") (result i64) (local $i i32) (local $sum i64)
      (local.set $sum (i64.add (global.get $total) (i64.extend_i32_u (global.get $count))))
      (loop $l
        (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.load (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 8)))
        (br_if $l (i32.lt_u (local.get $i) (i32.mul (memory.size) (i32.const 65536)))))
      (local.get $sum))
    (func (export "grow") (drop (memory.grow (i32.const 1))))
    (func (export "fail") unreachable))
  (core instance $m (instantiate $M))
  (func (export "poke") (param "address" u32) (param "value" u8) (canon lift (core func $m "poke")))
  (func (export "sum") (result u64) (canon lift (core func $m "sum")))
  (func (export "grow") (canon lift (core func $m "grow")))
  (func (export "fail") (canon lift (core func $m "fail")))`;

/** Runs two executions, after which instances are kept. */
async function loadWarm(wat: string): Promise<WatComponent> {
  const component = await WatComponent.load(wat);
  for (let i = 0; i < 2; i++) (await component.instantiate()).instance[Symbol.dispose]();
  return component;
}

Deno.test("whatever a run writes, the next one finds the state instantiation leaves", async () => {
  const component = await loadWarm(SCRIBBLER);
  const { instance: fresh } = await (await WatComponent.load(SCRIBBLER)).instantiate();
  const first = await fresh.call("sum", []);
  const pokes = fc.array(fc.tuple(fc.nat(2 * 65536 - 1), fc.nat(255)), { maxLength: 20 });
  await fc.assert(fc.asyncProperty(pokes, async (writes) => {
    assert.equal(component.linked.idle.size, 1, "no instance is kept");
    const { instance } = await component.instantiate();
    assert.equal(component.linked.idle.size, 0, "the kept instance is not used");
    assert.equal(await instance.call("sum", []), first);
    for (const [address, value] of writes) await instance.call("poke", [address, value]);
    instance[Symbol.dispose]();
  }));
});

Deno.test("an execution on a kept instance costs the same fuel, and its budget still knows after the end", async () => {
  const component = await WatComponent.load(SCRIBBLER);
  const used: bigint[] = [];
  for (let i = 0; i < 5; i++) {
    const { instance, budget } = await component.instantiate();
    await instance.call("sum", []);
    const before = budget.used();
    instance[Symbol.dispose]();
    assert.equal(budget.used(), before);
    used.push(before);
  }
  assert.deepEqual(new Set(used).size, 1, `fuel differs: ${used.join()}`);
});

Deno.test("a limit of fuel holds on a kept instance", async () => {
  const component = await loadWarm(SCRIBBLER);
  const { instance } = await component.instantiate({ fuel: 1000n });
  await assert.rejects(instance.call("sum", []), { code: "out_of_fuel" });
  instance[Symbol.dispose]();
  assert.equal(component.linked.idle.size, 0);
});

Deno.test("an instance that trapped or grew its memory is let go", async () => {
  for (const bad of ["fail", "grow"]) {
    const component = await loadWarm(SCRIBBLER);
    const { instance } = await component.instantiate();
    await instance.call(bad, []).catch(() => {});
    instance[Symbol.dispose]();
    assert.equal(component.linked.idle.size, 0, bad);
  }
});

Deno.test("an instance is unusable after its execution", async () => {
  const component = await loadWarm(SCRIBBLER);
  const { instance } = await component.instantiate();
  instance[Symbol.dispose]();
  await assert.rejects(instance.call("sum", []), /after its execution/);
});

const ASKER = `
  (import "host" (instance $host (export "ask" (func (result u32)))))
  (core func $ask (canon lower (func $host "ask")))
  (core module $M
    (import "" "ask" (func $ask (result i32)))
    (func (export "run") (result i32) (call $ask)))
  (core instance $m (instantiate $M (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (result u32) (canon lift (core func $m "run")))`;

Deno.test("every execution calls its own host", async () => {
  const component = await loadWarm(ASKER);
  for (let i = 0; i < 4; i++) {
    const { instance } = await component.instantiate({ host: { ask: () => i } });
    assert.equal(await instance.call("run", []), i);
    instance[Symbol.dispose]();
  }
  assert.equal(component.linked.idle.size, 1);
});

Deno.test("an instance that still waits is let go", async () => {
  const component = await WatComponent.load(ASKER, { asyncImports: ["host#ask"] });
  for (let i = 0; i < 3; i++) (await component.instantiate()).instance[Symbol.dispose]();
  const { instance, budget } = await component.instantiate({ host: { ask: () => new Promise(() => {}) } });
  const waiting = instance.call("run", []);
  instance[Symbol.dispose]();
  assert.equal(component.linked.idle.size, 0);
  budget.kill();
  await assert.rejects(waiting, { code: "killed" });
});

Deno.test("what cannot be restored is instantiated anew every time", async () => {
  const fields: Readonly<Record<string, string>> = {
    "a table that changes": '(table $t 1 funcref) (func (export "x") (table.set $t (i32.const 0) (ref.null func)))',
    "a table that grows":
      '(table $t 1 funcref) (func (export "x") (drop (table.grow $t (ref.null func) (i32.const 1))))',
    "a segment that is dropped": '(memory 1) (data $d "x") (func (export "x") (data.drop $d))',
    "a float that changes": '(global $f (mut f64) (f64.const 1)) (func (export "x") (global.set $f (f64.const 2)))',
    "a reference that changes":
      '(global $f (mut funcref) (ref.null func)) (func (export "x") (global.set $f (ref.null func)))',
    "a memory of 5 MiB": "(memory 80)",
  };
  for (const [what, field] of Object.entries(fields)) {
    const component = await loadWarm(`
      (core module $M ${field} (func (export "run")))
      (core instance $m (instantiate $M))
      (func (export "run") (canon lift (core func $m "run")))`);
    const { instance } = await component.instantiate();
    await instance.call("run", []);
    instance[Symbol.dispose]();
    assert.equal(component.linked.idle.size, 0, what);
  }
});

Deno.test("what a start function left is restored, and its fuel charged again", async () => {
  const component = await WatComponent.load(`
    (core module $M (memory 1)
      (func $start (local $i i32)
        (loop $l
          (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.mul (local.get $i) (i32.const 3)))
          (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000)))))
      (start $start)
      (func (export "run") (result i32)
        (i32.store (i32.const 400) (i32.add (i32.load (i32.const 400)) (i32.const 1)))
        (i32.load (i32.const 400))))
    (core instance $m (instantiate $M))
    (func (export "run") (result u32) (canon lift (core func $m "run")))`);
  const used: bigint[] = [];
  for (let i = 0; i < 5; i++) {
    const { instance, budget } = await component.instantiate();
    assert.equal(await instance.call("run", []), 301, `execution ${i}`);
    used.push(budget.used());
    instance[Symbol.dispose]();
  }
  assert.equal(component.linked.idle.size, 1);
  assert.equal(new Set(used).size, 1, `fuel differs: ${used.join()}`);
  await assert.rejects(component.instantiate({ fuel: 5000n }), { code: "out_of_fuel" });
});

Deno.test("an instance whose start function calls out is not kept", async () => {
  const component = await WatComponent.load(`
    (import "host" (instance $host (export "ask" (func (result u32)))))
    (core func $ask (canon lower (func $host "ask")))
    (core module $M
      (import "" "ask" (func $ask (result i32)))
      (global $answer (mut i32) (i32.const 0))
      (func $start (global.set $answer (call $ask)))
      (start $start)
      (func (export "run") (result i32) (global.get $answer)))
    (core instance $m (instantiate $M (with "" (instance (export "ask" (func $ask))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))`);
  for (let i = 0; i < 4; i++) {
    const { instance } = await component.instantiate({ host: { ask: () => i } });
    assert.equal(await instance.call("run", []), i);
    instance[Symbol.dispose]();
    assert.equal(component.linked.idle.size, 0);
  }
});

Deno.test("an instance whose start function makes a handle is not kept", async () => {
  const component = await WatComponent.load(`
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core func $rep (canon resource.rep $r))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (global $handle (mut i32) (i32.const 0))
      (func $start (global.set $handle (call $new (i32.const 42))))
      (start $start)
      (func (export "run") (result i32) (call $rep (global.get $handle))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
    (func (export "run") (result u32) (canon lift (core func $m "run")))`);
  for (let i = 0; i < 4; i++) {
    const { instance } = await component.instantiate();
    assert.equal(await instance.call("run", []), 42, `execution ${i}`);
    instance[Symbol.dispose]();
    assert.equal(component.linked.idle.size, 0);
  }
});
