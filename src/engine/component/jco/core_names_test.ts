import assert from "node:assert/strict";
import { isWavsError } from "@/domain/errors.ts";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { createComponentRuntime } from "../mod.ts";

Deno.test("names that could be code are refused before anything is generated", async () => {
  const runtime = await createComponentRuntime("jco");
  for (const name of ['a\\"];alert(1);//', "a'b", "a`b", "a\\nb", "a\\\\b", "a{b}", "a(b)", "a;b"]) {
    const wat = `(component
      (core module $M (func (export "${name}") (result i32) (i32.const 1)))
      (core instance $m (instantiate $M))
      (func (export "run") (result u32) (canon lift (core func $m "${name}"))))`;
    const error = await runtime.prepare(await parse(wat), { asyncImports: new Set() }).then(() => undefined, (e) => e);
    assert.ok(isWavsError(error, "component_unsupported"), `${name}: ${String(error)}`);
    assert.match(error.message, /core-level name/);
  }
});

Deno.test("the direct runtime does not care about names", async () => {
  const runtime = await createComponentRuntime("direct");
  const wat = `(component
    (core module $M (func (export "a\\"];alert(1);//") (result i32) (i32.const 1)))
    (core instance $m (instantiate $M))
    (func (export "run") (result u32) (canon lift (core func $m "a\\"];alert(1);//"))))`;
  assert.equal((await runtime.prepare(await parse(wat), { asyncImports: new Set() })).surface.exports.length, 1);
});
