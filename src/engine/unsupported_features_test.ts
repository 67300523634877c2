import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { isWavsError } from "@/domain/mod.ts";
import { startEngine } from "@tests/support/engine.ts";

/** Core modules and whole components this engine does not run, by what a refusal calls it. */
const MODULES: readonly (readonly [fields: string, named: RegExp])[] = [
  ["(memory 1 1 shared)", /threads/],
  ["(memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0))))", /threads/],
  ["(memory i64 1)", /memory64/],
  ["(table i64 1 funcref)", /memory64/],
  ["(memory 1) (memory 1)", /several memories/],
  ["(tag) (func (throw 0))", /exceptions/],
  ["(func (block $b (try_table (catch_all $b))))", /exceptions/],
  ["(type (struct (field i32)))", /garbage collection/],
  ["(func (drop (ref.i31 (i32.const 1))))", /garbage collection/],
];

const COMPONENTS: readonly (readonly [fields: string, named: RegExp])[] = [
  [`(import "f" (func async (result u32)))`, /asynchronous functions \(WASI 0\.3\)/],
  [`(type (stream u8))`, /streams \(WASI 0\.3\)/],
  [`(type (future u8))`, /futures \(WASI 0\.3\)/],
  [`(core func (canon task.cancel))`, /WASI 0\.3/],
  [`(import "m" (core module))`, /imported module/],
  [`(import "v" (value u32))`, /component-level values/],
];

Deno.test("what this engine does not run is refused by name when it is uploaded", async () => {
  await using started = await startEngine({ workers: 1 });
  const modules = MODULES.map(([fields, named]) => [`(core module ${fields})`, named] as const);
  for (const [fields, named] of [...modules, ...COMPONENTS]) {
    const upload = started.engine.upload(await parse(`(component ${fields})`));
    const error = await upload.then(() => undefined, (error: unknown) => error);
    assert.ok(isWavsError(error, "component_unsupported"), `${fields}: ${String(error)}`);
    assert.match(error.message, named, fields);
    assert.equal(error.retryable, false);
  }
  assert.deepEqual(await started.engine.digests(), []);
});
