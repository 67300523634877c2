import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import fc from "fast-check";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { echoGuest } from "@tests/support/wat_guests.ts";
import { createComponentRuntime, OPERATOR_WORLD, planComponent } from "./mod.ts";

const runtime = await createComponentRuntime("direct");
const echo = await echoGuest();

/** The code of the error planning ends with, or undefined if the bytes are a component. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    planComponent(bytes);
    return undefined;
  } catch (error) {
    assert.ok(isWavsError(error), `planning threw ${String(error)}`);
    return error.code;
  }
}

async function refusalOf(wat: string): Promise<string | undefined> {
  return refusal(await parse(`(component ${wat})`));
}

Deno.test("every truncation of a component is refused as malformed", () => {
  // A cut exactly between two sections leaves a shorter component, which is fine as such.
  for (let length = 0; length < echo.length; length++) {
    const code = refusal(echo.subarray(0, length));
    assert.ok(code === "component_invalid" || code === undefined, `length ${length} gives ${code}`);
  }
});

/** Prepares a component and, if it passes, runs it: all it may end with is a WavsError. */
async function prepareAndRun(bytes: Uint8Array): Promise<void> {
  const artifact = await runtime.prepare(bytes, { asyncImports: new Set() });
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: false } });
  using budget = new Budget({ fuel: 1_000_000n, timeoutMs: 1000 }, { clock: systemClock });
  const instance = await runtime.instantiate(component, { imports: {}, budget });
  await instance.call("run", [rawAction(new Uint8Array(10))]);
}

Deno.test("mutated components run, trap or are refused, and nothing else", async () => {
  const mutation = fc.record({ at: fc.nat(echo.length - 1), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 8 }), async (mutations) => {
      const bytes = echo.slice();
      for (const { at, byte } of mutations) bytes[at] = byte;
      const error = await prepareAndRun(bytes).then(() => undefined, (thrown: unknown) => thrown);
      assert.ok(error === undefined || isWavsError(error), `it ended with ${String(error)}`);
    }),
    { numRuns: 500 },
  );
});

Deno.test("random bytes after the preamble are refused, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
      refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...rest));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a core module is refused with advice", () => {
  assert.throws(
    () => planComponent(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)),
    /make one of it with "wasm-tools component new"/,
  );
});

Deno.test("a type that doubles at every level is refused", async () => {
  const levels = Array.from({ length: 40 }, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`);
  assert.equal(await refusalOf(`(type $t0 (tuple u64 u64)) ${levels.join("\n")}`), "component_too_large");
});

Deno.test("a signature that doubles at every level is refused", async () => {
  const levels = Array.from(
    { length: 40 },
    (_, i) => `(type $t${i + 1} (variant (case "a" $t${i}) (case "b" $t${i})))`,
  );
  const wat = `(type $t0 (list u8)) ${levels.join("\n")}
    (import "f" (func (param "x" $t40)))`;
  assert.equal(await refusalOf(wat), "component_too_large");
});

Deno.test("a type nested too deeply is refused", async () => {
  const levels = Array.from({ length: 100 }, (_, i) => `(type $t${i + 1} (option $t${i}))`);
  assert.equal(await refusalOf(`(type $t0 (option u8)) ${levels.join("\n")}`), "component_too_large");
});

Deno.test("components that instantiate each other exponentially often are refused", async () => {
  const levels = Array.from(
    { length: 40 },
    (_, i) =>
      `(component $c${i + 1} (alias outer 1 $c${i} (component $c))
      (instance (instantiate $c)) (instance (instantiate $c)))`,
  );
  assert.equal(
    await refusalOf(`(component $c0) ${levels.join("\n")} (instance (instantiate $c40))`),
    "component_too_large",
  );
});

Deno.test("components nested too deeply are refused", async () => {
  assert.equal(await refusalOf(`${"(component ".repeat(40)}${")".repeat(40)}`), "component_too_large");
});

Deno.test("core types and core module types are read over", async () => {
  const wat = `(core type (func (param i32) (result i64)))
    (core type (module
      (import "a" "b" (func (param i32)))
      (import "a" "m" (memory 1 2))
      (import "a" "t" (table 1 funcref))
      (import "a" "g" (global (mut i64)))
      (type (func (result f32)))
      (export "c" (func (type 0)))))`;
  assert.equal(await refusalOf(wat), undefined);
});

Deno.test("features of WASI 0.3 are refused by name", async () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "(type (stream u8))": /streams \(WASI 0\.3\)/,
    "(type (future u8))": /futures \(WASI 0\.3\)/,
    "(type (list u8 4))": /fixed-length lists/,
  };
  for (const [wat, message] of Object.entries(cases)) {
    const bytes = await parse(`(component ${wat})`);
    assert.throws(() => planComponent(bytes), message, wat);
  }
});

Deno.test("references to what does not exist are malformed", async () => {
  for (const wat of ['(alias export 0 "x" (func))', '(export "f" (func 0))', "(instance (instantiate 0))"]) {
    assert.equal(await refusalOf(wat), "component_invalid", wat);
  }
});
