import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeMetered, encodeMetered } from "./metered_file.ts";

const modules = fc.array(fc.record({
  bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
  isRestorable: fc.boolean(),
}, { noNullPrototype: true }));

Deno.test("metered modules are read as they were written", () => {
  fc.assert(fc.property(modules, (each) => assert.deepEqual(decodeMetered(encodeMetered(each)), each)));
});

Deno.test("a file that was cut or has something behind it is not read", () => {
  fc.assert(fc.property(modules, fc.nat(), (each, cut) => {
    const file = encodeMetered([...each, { bytes: new Uint8Array(3), isRestorable: true }]);
    const start = encodeMetered(each).length;
    assert.equal(decodeMetered(file.subarray(0, start + 1 + cut % (file.length - start - 1))), undefined);
    assert.equal(decodeMetered(new Uint8Array([...file, 2, 0, 0, 0, 0])), undefined);
  }));
});
