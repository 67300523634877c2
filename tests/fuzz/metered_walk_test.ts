import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { meterModule } from "@/engine/metering/mod.ts";
import { checkMetered } from "./metered_walk.ts";

const MAX_PAGES = 10;

const WAT = `(module (memory 1 5)
  (func (export "f") (param i32) (result i32)
    (loop $l
      (memory.fill (i32.const 0) (i32.const 1) (local.get 0))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (if (result i32) (local.get 0) (then (i32.const 1)) (else (call 0 (i32.const 2))))))`;

Deno.test("the walk accepts what the pass writes and nothing unmetered", async () => {
  const module = await parse(WAT);
  checkMetered(meterModule(module, { maxMemoryPages: MAX_PAGES }).bytes, MAX_PAGES);
  assert.throws(() => checkMetered(module, MAX_PAGES), /the fuel is not exported/);
});

Deno.test("the walk notices every single damage to the metering", async () => {
  const module = await parse(WAT);
  const { bytes } = meterModule(module, { maxMemoryPages: MAX_PAGES });
  const subtraction = [0x7d, 0x24, 0];
  const less = [0x42, 0, 0x53];
  let damages = 0;
  for (let at = 0; at < bytes.length; at++) {
    const isHere = (pattern: readonly number[]) => pattern.every((byte, i) => bytes[at + i] === byte);
    const damaged = bytes.slice();
    if (isHere(subtraction)) damaged[at] = 0x7c; // adds instead
    else if (isHere(less)) damaged[at + 2] = 0x55; // asks when there is fuel left
    else continue;
    damages++;
    assert.ok(WebAssembly.validate(damaged));
    assert.throws(() => checkMetered(damaged, MAX_PAGES), Error, `damage at byte ${at}`);
  }
  assert.ok(damages >= 8, `${damages} places`);
  assert.throws(() => checkMetered(bytes, 4), /beyond its limit/);
});
