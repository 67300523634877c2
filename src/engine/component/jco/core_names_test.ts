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

Deno.test("a hostile name is refused or left out, wherever in a component it stands", async () => {
  const runtime = await createComponentRuntime("jco");
  const marker = "escaped=1";
  for (const quote of ['\\"', "'", "`", "\\n"]) {
    const name = `x${quote}];${marker};//`;
    const run = (core: string) => `(func (export "run") (result u32) (canon lift ${core}))`;
    const answer = `(func (export "run") (result i32) (i32.const 1))`;
    const places: Readonly<Record<string, string>> = {
      "an export nobody uses": `(core module $M ${answer} (memory (export "${name}") 1))
        (core instance $m (instantiate $M)) ${run('(core func $m "run")')}`,
      "the module of an import": `(core module $N (func (export "f")))
        (core instance $n (instantiate $N))
        (core module $M (import "${name}" "f" (func)) ${answer})
        (core instance $m (instantiate $M (with "${name}" (instance $n)))) ${run('(core func $m "run")')}`,
      "an inline instance": `(core module $N (func (export "f")))
        (core instance $n (instantiate $N))
        (core module $M (import "a" "${name}" (func)) ${answer})
        (core instance $m (instantiate $M (with "a" (instance (export "${name}" (func $n "f"))))))
        ${run('(core func $m "run")')}`,
      "an inline instance nobody uses": `(core module $M ${answer}) (core instance $m (instantiate $M))
        (core instance $i (export "${name}" (func $m "run"))) ${run('(core func $m "run")')}`,
      "a module nobody instantiates": `(core module $M ${answer}) (core module $U (func (export "${name}")))
        (core instance $m (instantiate $M)) ${run('(core func $m "run")')}`,
      "a memory": `(core module $M ${answer} (memory (export "${name}") 1)
          (func (export "s") (result i32) (i32.const 0)))
        (core instance $m (instantiate $M)) ${run('(core func $m "run")')}
        (func (export "text") (result string) (canon lift (core func $m "s") (memory $m "${name}")))`,
      "a post-return": `(core module $M ${answer} (func (export "${name}") (param i32)))
        (core instance $m (instantiate $M))
        (func (export "run") (result u32) (canon lift (core func $m "run") (post-return (func $m "${name}"))))`,
      "debug names": `(core module $"${name}" ${answer}) (core instance $"${name}" (instantiate $"${name}"))
        ${run(`(core func $"${name}" "run")`)}`,
      "a custom section": `(@custom "${name}" "${name}") (core module $M (@custom "${name}" "x") ${answer})
        (core instance $m (instantiate $M)) ${run('(core func $m "run")')}`,
    };
    for (const [place, fields] of Object.entries(places)) {
      const bytes = await parse(`(component ${fields})`);
      const prepared = await runtime.prepare(bytes, { asyncImports: new Set() }).catch((error: unknown) => error);
      if (isWavsError(prepared, "component_unsupported")) continue;
      assert.ok(!(prepared instanceof Error), `${place}: ${String(prepared)}`);
      const { source } = (prepared as { body: { source: string } }).body;
      assert.ok(!source.includes(marker), `${place} reaches the generated code`);
    }
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
