import assert from "node:assert/strict";
import fc from "fast-check";
import { createDirectRuntime } from "../direct/runtime.ts";
import { type GuestEncoding, PADDING, RoundTrip, roundTripGuest } from "../testing/round_trip.ts";
import { type WitType, witTypes } from "../testing/wit_types.ts";
import { witValues } from "../testing/wit_values.ts";

/** Sends random values of a type through a guest and expects them back unchanged. */
async function assertRoundTrip(type: WitType, encoding: GuestEncoding): Promise<void> {
  const trip = await RoundTrip.load(createDirectRuntime(), await roundTripGuest(type, encoding));
  for (const value of fc.sample(witValues(type), 8)) {
    const { flat, memory, fetched } = await trip.send(value);
    assert.deepEqual(flat, value, "through core values");
    assert.deepEqual(memory, [PADDING, value], "through memory");
    assert.deepEqual(fetched, [PADDING, value], "as the result of an import");
  }
}

Deno.test("values of every type go through a guest unchanged", async () => {
  const encodings = fc.constantFrom<GuestEncoding[]>("utf8", "utf16", "compact-utf16");
  await fc.assert(fc.asyncProperty(witTypes(), encodings, assertRoundTrip), { numRuns: 100 });
});

Deno.test("a byte order mark at the beginning of a string stays", async () => {
  for (const encoding of ["utf8", "utf16", "compact-utf16"] as const) {
    const guest = await roundTripGuest({ kind: "primitive", name: "string" }, encoding);
    const trip = await RoundTrip.load(createDirectRuntime(), guest);
    const text = "\ufeff\0\uffff";
    assert.deepEqual(
      await trip.send(text),
      { flat: text, memory: [PADDING, text], fetched: [PADDING, text] },
      encoding,
    );
  }
});
