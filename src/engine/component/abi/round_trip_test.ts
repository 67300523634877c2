import assert from "node:assert/strict";
import fc from "fast-check";
import { createDirectRuntime } from "../direct/runtime.ts";
import { PADDING, RoundTrip, roundTripGuest } from "../testing/round_trip.ts";
import { type WitType, witTypes, witValues } from "../testing/wit_types.ts";

/** Sends random values of a type through a guest and expects them back unchanged. */
async function assertRoundTrip(type: WitType, encoding: "utf8" | "utf16" | "compact-utf16"): Promise<void> {
  const trip = await RoundTrip.load(createDirectRuntime(), await roundTripGuest(type, encoding));
  for (const value of fc.sample(witValues(type), 8)) {
    const { flat, memory, fetched } = await trip.send(value);
    assert.deepEqual(flat, value, "through core values");
    assert.deepEqual(memory, [PADDING, value], "through memory");
    assert.deepEqual(fetched, [PADDING, value], "as the result of an import");
  }
}

Deno.test("values of every type go through a guest unchanged", async () => {
  const encodings = fc.constantFrom("utf8" as const, "utf16" as const, "compact-utf16" as const);
  await fc.assert(fc.asyncProperty(witTypes(), encodings, assertRoundTrip), { numRuns: 100 });
});
