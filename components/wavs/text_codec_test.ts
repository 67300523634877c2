import assert from "node:assert/strict";
import fc from "fast-check";

/** The codec components carry, without letting it replace the real one here. */
async function loadCodec(): Promise<{ Encoder: typeof TextEncoder; Decoder: typeof TextDecoder }> {
  const native = { TextEncoder, TextDecoder };
  try {
    await import("./text_codec.js");
    return { Encoder: TextEncoder, Decoder: TextDecoder };
  } finally {
    Object.assign(globalThis, native);
  }
}

const { Encoder, Decoder } = await loadCodec();

/** Byte strings that come close to UTF-8: pieces of characters, overlong forms, surrogates. */
const nearlyUtf8 = fc.array(
  fc.oneof(
    fc.constantFrom(0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff),
    fc.constantFrom(0x9f, 0xa0, 0x8f, 0x90, 0xbb),
    fc.nat(255),
  ),
  { maxLength: 12 },
).map((bytes) => Uint8Array.from(bytes));

Deno.test("a component's encoder equals the platform's", () => {
  assert.notEqual(Encoder, TextEncoder);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.deepEqual(new Encoder().encode(text), new TextEncoder().encode(text));
  }));
});

Deno.test("a component's encoder replaces lone surrogates", () => {
  assert.deepEqual(new Encoder().encode("a\ud800b"), new TextEncoder().encode("a\ud800b"));
});

Deno.test("a component's decoder equals the platform's on wrong input too", () => {
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      assert.equal(new Decoder().decode(bytes), new TextDecoder().decode(bytes));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("a component's strict decoder refuses what the platform's refuses", () => {
  const accepts = (decoder: TextDecoder, bytes: Uint8Array) => {
    try {
      decoder.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(nearlyUtf8, (bytes) => {
      const options = { fatal: true };
      assert.equal(accepts(new Decoder("utf-8", options), bytes), accepts(new TextDecoder("utf-8", options), bytes));
    }),
    { numRuns: 5000 },
  );
});
