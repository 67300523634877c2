import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { systemClock } from "@/context/mod.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { OPERATOR_WORLD } from "../worlds.ts";
import { quietHost } from "../testing/quiet_host.ts";
import { WatComponent } from "../testing/wat_component.ts";
import { createDirectRuntime } from "./runtime.ts";

/** How a guest may try to leave something behind for the execution after it. */
interface Attack {
  /** Beside a memory of two pages with a passive segment. */
  readonly fields?: string;
  readonly attack: string;
  /** What tells whether the attack is still felt; an i32, or a trap. */
  readonly observe: string;
  /** An instruction's bytes, and a longer spelling of the same, where the guest hides it from a careless reader. */
  readonly respelled?: readonly [readonly number[], readonly number[]];
}

const NOP = 0x01;
const TABLE = `(table $t 4 8 funcref) (elem $e func $one $two) (elem (i32.const 0) $one $two)
  (func $one (result i32) i32.const 1) (func $two (result i32) i32.const 2)`;
const CALL = "(call_indirect $t (result i32) (i32.const 0))";

const ATTACKS: Readonly<Record<string, Attack>> = {
  "writes all memory": {
    attack: "(memory.fill (i32.const 0) (i32.const 255) (i32.const 131072))",
    observe: "(i32.add (i32.load (i32.const 64)) (i32.load (i32.const 131068)))",
  },
  "copies a passive segment": {
    attack: "(memory.init $d (i32.const 64) (i32.const 0) (i32.const 6))",
    observe: "(i32.load (i32.const 64))",
  },
  "grows memory and writes there": {
    attack: "(drop (memory.grow (i32.const 3))) (i32.store (i32.const 200000) (i32.const 9))",
    observe: "(memory.size)",
  },
  "drops a data segment": {
    attack: "(data.drop $d) (nop) (nop)",
    observe: "(memory.init $d (i32.const 64) (i32.const 0) (i32.const 6)) (i32.load (i32.const 64))",
    respelled: [[0xfc, 9, 0, NOP, NOP], [0xfc, 0x89, 0x80, 0, 0]],
  },
  "changes globals": {
    fields: "(global $i (mut i32) (i32.const 3)) (global $l (mut i64) (i64.const 4))",
    attack: "(global.set $i (i32.const 30)) (global.set $l (i64.const 40))",
    observe: "(i32.add (global.get $i) (i32.wrap_i64 (global.get $l)))",
  },
  "changes a float": {
    fields: "(global $f (mut f64) (f64.const 3))",
    attack: "(global.set $f (f64.const 30))",
    observe: "(i32.trunc_f64_s (global.get $f))",
  },
  "changes a vector": {
    fields: "(global $v (mut v128) (v128.const i32x4 1 2 3 4))",
    attack: "(global.set $v (v128.const i32x4 5 6 7 8))",
    observe: "(i32x4.extract_lane 1 (global.get $v))",
  },
  "changes a reference": {
    fields: "(global $r (mut funcref) (ref.null func))",
    attack: "(global.set $r (ref.func $attack))",
    observe: "(ref.is_null (global.get $r))",
  },
  "sets a table entry": {
    fields: TABLE,
    attack: "(table.set $t (i32.const 0) (ref.func $two))",
    observe: CALL,
  },
  "fills a table": {
    fields: TABLE,
    attack: "(table.fill $t (i32.const 0) (ref.func $two) (i32.const 3)) (nop) (nop)",
    observe: CALL,
    respelled: [[0xfc, 17, 0, NOP, NOP], [0xfc, 0x91, 0x80, 0, 0]],
  },
  "copies a segment into a table": {
    fields: TABLE,
    attack: "(table.init $t $e (i32.const 0) (i32.const 1) (i32.const 1)) (nop) (nop)",
    observe: CALL,
    respelled: [[0xfc, 12, 0, 0, NOP, NOP], [0xfc, 0x8c, 0x80, 0, 0, 0]],
  },
  "copies inside a table": {
    fields: TABLE,
    attack: "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1)) (nop) (nop)",
    observe: CALL,
    respelled: [[0xfc, 14, 0, 0, NOP, NOP], [0xfc, 0x8e, 0x80, 0, 0, 0]],
  },
  "grows a table": {
    fields: TABLE,
    attack: "(drop (table.grow $t (ref.func $two) (i32.const 2)) (nop) (nop))",
    observe: "(table.size $t)",
    respelled: [[0xfc, 15, 0, NOP, NOP], [0xfc, 0x8f, 0x80, 0, 0]],
  },
  "drops an element segment": {
    fields: TABLE,
    attack: "(elem.drop $e) (nop) (nop)",
    observe: `(table.init $t $e (i32.const 0) (i32.const 1) (i32.const 1)) ${CALL}`,
    respelled: [[0xfc, 13, 0, NOP, NOP], [0xfc, 0x8d, 0x80, 0, 0]],
  },
  "writes where a start function wrote": {
    fields: "(func $start (i32.store (i32.const 64) (i32.const 77))) (start $start)",
    attack: "(i32.store (i32.const 64) (i32.const 78))",
    observe: "(i32.load (i32.const 64))",
  },
  "writes into a page that a start function added": {
    fields: `(func $start (drop (memory.grow (i32.const 1))) (i32.store (i32.const 131072) (i32.const 55)))
      (start $start)`,
    attack: "(i32.store (i32.const 131072) (i32.const 56)) (i32.store (i32.const 196604) (i32.const 57))",
    observe: "(i32.add (i32.mul (memory.size) (i32.const 1000)) (i32.add (i32.load (i32.const 131072)) " +
      "(i32.load (i32.const 196604))))",
  },
  "changes a global that a start function set": {
    fields: "(global $s (mut i32) (i32.const 0)) (func $start (global.set $s (i32.const 21))) (start $start)",
    attack: "(global.set $s (i32.const 22))",
    observe: "(global.get $s)",
  },
};

function componentOf({ fields = "", attack, observe }: Attack): string {
  return `
    (core module $M
      (memory 2)
      (data $d "secret")
      (data (i32.const 131068) "last")
      ${fields}
      (elem declare func $attack)
      (func $attack (export "attack") ${attack})
      (func (export "observe") (result i32) ${observe}))
    (core instance $m (instantiate $M))
    (func (export "attack") (canon lift (core func $m "attack")))
    (func (export "observe") (result u32) (canon lift (core func $m "observe")))`;
}

function respell(bytes: Uint8Array, [from, to]: readonly [readonly number[], readonly number[]]): Uint8Array {
  const at = bytes.findIndex((_, start) => from.every((byte, i) => bytes[start + i] === byte));
  assert.ok(at >= 0, "the instruction is not there");
  const respelled = bytes.slice();
  respelled.set(to, at);
  return respelled;
}

async function runOnce(component: WatComponent, ...calls: readonly string[]): Promise<unknown> {
  const { instance } = await component.instantiate();
  using _end = instance;
  let answer: unknown;
  for (const name of calls) answer = await instance.call(name, []);
  return answer;
}

/** Attacks again and again, and looks in between from executions of their own. */
async function assertNothingStays(bytes: Uint8Array, what: string): Promise<void> {
  const fresh = await runOnce(await WatComponent.loadBytes(bytes), "observe");
  const felt = await runOnce(await WatComponent.loadBytes(bytes), "attack", "observe").catch(String);
  assert.notEqual(felt, fresh, "the attack is not felt by the execution that does it");
  const component = await WatComponent.loadBytes(bytes);
  for (let round = 0; round < 4; round++) {
    await runOnce(component, "attack");
    assert.equal(await runOnce(component, "observe"), fresh, `round ${round}: it ${what}`);
  }
}

for (const [what, attack] of Object.entries(ATTACKS)) {
  Deno.test(`the next execution does not notice that a guest ${what}`, async () => {
    const bytes = await parse(`(component ${componentOf(attack)})`);
    await assertNothingStays(bytes, what);
    if (attack.respelled === undefined) return;
    const respelled = respell(bytes, attack.respelled);
    await assertNothingStays(respelled, `${what}, spelled otherwise`);
  });
}

/** As {@link ATTACKS}, on what another core module of the component defines; `fields` are its. */
const ATTACKS_ON_ANOTHER: Readonly<Record<string, Attack>> = {
  "writes another module's memory": {
    fields: `(memory (export "x") 2) (data (i32.const 64) "first")`,
    attack: "(memory.fill (i32.const 0) (i32.const 9) (i32.const 131072))",
    observe: "(i32.add (i32.load (i32.const 64)) (i32.load (i32.const 131068)))",
  },
  "grows another module's memory and writes there": {
    fields: `(memory (export "x") 2)`,
    attack: "(drop (memory.grow (i32.const 1))) (i32.store (i32.const 131072) (i32.const 9))",
    observe: "(memory.size)",
  },
  "changes another module's global": {
    fields: `(global (export "x") (mut i64) (i64.const 5))`,
    attack: "(global.set $x (i64.const -1))",
    observe: "(i32.wrap_i64 (global.get $x))",
  },
  "changes another module's float": {
    fields: `(global (export "x") (mut f32) (f32.const 5))`,
    attack: "(global.set $x (f32.const 6))",
    observe: "(i32.trunc_f32_s (global.get $x))",
  },
  "sets an entry of another module's table": {
    fields: `(table (export "x") 2 funcref) (elem (i32.const 0) $one) (func $one (result i32) i32.const 1)`,
    attack: "(table.set $x (i32.const 0) (ref.func $two))",
    observe: "(call_indirect $x (result i32) (i32.const 0))",
  },
  "grows another module's table": {
    fields: `(table (export "x") 2 funcref)`,
    attack: "(drop (table.grow $x (ref.null func) (i32.const 3)))",
    observe: "(table.size $x)",
  },
};

/** How the attacking module imports what the other one exports. */
const IMPORT_OF: readonly (readonly [RegExp, string])[] = [
  [/^\(memory/, `(import "n" "x" (memory 0))`],
  [/\(mut i64\)/, `(import "n" "x" (global $x (mut i64)))`],
  [/\(mut f32\)/, `(import "n" "x" (global $x (mut f32)))`],
  [/^\(table/, `(import "n" "x" (table $x 0 funcref))`],
];

function componentOfTwo({ fields = "", attack, observe }: Attack): string {
  const imported = IMPORT_OF.find(([pattern]) => pattern.test(fields))?.[1] ?? "";
  return `
    (core module $N ${fields})
    (core instance $n (instantiate $N))
    (core module $M
      ${imported}
      (func $two (result i32) i32.const 2)
      (elem declare func $two)
      (func (export "attack") ${attack})
      (func (export "observe") (result i32) ${observe}))
    (core instance $m (instantiate $M (with "n" (instance $n))))
    (func (export "attack") (canon lift (core func $m "attack")))
    (func (export "observe") (result u32) (canon lift (core func $m "observe")))`;
}

for (const [what, attack] of Object.entries(ATTACKS_ON_ANOTHER)) {
  Deno.test(`the next execution does not notice that a guest ${what}`, async () => {
    await assertNothingStays(await parse(`(component ${componentOfTwo(attack)})`), what);
  });
}

Deno.test("a start function that asks the host is run for every execution", async () => {
  const component = await WatComponent.load(`
    (import "host" (instance $host (export "ask" (func (result u32)))))
    (core func $ask (canon lower (func $host "ask")))
    (core module $M
      (import "" "ask" (func $ask (result i32)))
      (global $answer (mut i32) (i32.const 0))
      (func $start (global.set $answer (call $ask)))
      (start $start)
      (func (export "observe") (result i32) (global.get $answer)))
    (core instance $m (instantiate $M (with "" (instance (export "ask" (func $ask))))))
    (func (export "observe") (result u32) (canon lift (core func $m "observe")))`);
  for (let asked = 1; asked <= 4; asked++) {
    const { instance } = await component.instantiate({ host: { ask: () => asked } });
    using _end = instance;
    assert.equal(await instance.call("observe", []), asked);
  }
});

Deno.test("a passive segment is dropped for the execution that drops it", async () => {
  const attack = ATTACKS["drops a data segment"];
  assert.ok(attack !== undefined);
  const component = await WatComponent.load(componentOf(attack));
  await assert.rejects(runOnce(component, "attack", "observe"), { code: "guest_trap" });
});

Deno.test("core instances of one service never serve another", async () => {
  const attack = ATTACKS["changes globals"];
  assert.ok(attack !== undefined);
  const component = await WatComponent.load(componentOf(attack));
  const run = async (owner: string) => {
    const before = component.linked.idle.size;
    const { instance } = await component.instantiate({ owner });
    const took = before - component.linked.idle.size;
    instance[Symbol.dispose]();
    return took;
  };
  await run("a");
  await run("a");
  assert.equal(await run("b"), 0, "it took an instance of the other service");
  assert.equal(await run("a"), 1);
  assert.equal(await run("b"), 1);
  assert.equal(component.linked.idle.size, 2);
  assert.equal(await run("c"), 0, "it took an instance of the other service");
  assert.equal(component.linked.idle.size, 2, "more than the limit are kept");
});

Deno.test("a real component answers the same for the same fuel on kept and on new instances", async () => {
  const runtime = createDirectRuntime();
  const bytes = await Deno.readFile(new URL("../../../../tests/fixtures/rust/square.wasm", import.meta.url));
  const artifact = await runtime.prepare(bytes, { asyncImports: new Set() });
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: true } });
  const run = async (data: string, owner: string) => {
    using budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 10_000 }, { clock: systemClock });
    using instance = await runtime.instantiate(component, { imports: quietHost(), budget, owner });
    const answer = await instance.call("run", [rawAction(new TextEncoder().encode(data))]);
    return { answer, fuel: budget.used() };
  };
  const inputs = [`{"x":3}`, "not json", `{"x":${"9".repeat(5000)}}`, `{"x":4}`];
  for (let round = 0; round < 12; round++) {
    const data = inputs[round % inputs.length] ?? "";
    assert.deepEqual(await run(data, "kept"), await run(data, `new ${round}`), data.slice(0, 20));
  }
});
