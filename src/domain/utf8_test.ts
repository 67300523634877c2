import assert from "node:assert/strict";
import fc from "fast-check";
import { compareUtf8, sortedUtf8, utf8Bytes } from "./utf8.ts";
import { texts } from "./testing/arbitraries.ts";

Deno.test("texts order as their UTF-8 bytes do", () => {
  fc.assert(fc.property(texts(), texts(), (left, right) => {
    assert.equal(Math.sign(compareUtf8(left, right)), compareBytes(utf8Bytes(left), utf8Bytes(right)));
  }));
});

Deno.test("code points beyond U+FFFF come after U+FFEE, unlike in UTF-16", () => {
  assert.deepEqual(sortedUtf8(["\u{1f600}", "\uffee", "\u{1f600}"]), ["\uffee", "\u{1f600}"]);
  assert.ok("\u{1f600}" < "\uffee");
});

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (const [index, byte] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (byte !== other) return byte < other ? -1 : 1;
  }
  return left.length < right.length ? -1 : 0;
}
