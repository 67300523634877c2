import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordMeter } from "./record_meter.ts";

function record(length: number): Uint8Array {
  return new Uint8Array([length & 255, (length >> 8) & 255, length >> 16, ...new Uint8Array(length)]);
}

Deno.test("records are measured the same however they are cut into pieces", () => {
  const lengths = fc.array(fc.nat({ max: 600 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(lengths, fc.nat({ max: 600 }), fc.array(fc.integer({ min: 1, max: 97 })), (all, max, cuts) => {
    const bytes = new Uint8Array(all.flatMap((length) => [...record(length)]));
    const meter = new RecordMeter();
    let tooLong: number | undefined;
    for (let at = 0, cut = 0; at < bytes.length && tooLong === undefined; cut++) {
      const size = cuts[cut % Math.max(cuts.length, 1)] ?? 50;
      tooLong = meter.take(bytes.subarray(at, at + size), max, 0);
      at += size;
    }
    assert.equal(tooLong, all.find((length) => length > max));
    if (tooLong === undefined) assert.equal(meter.total, bytes.length);
  }));
});

Deno.test("a record is pending from its first byte to its last", () => {
  const meter = new RecordMeter();
  assert.equal(meter.pendingMs(1_000), 0);
  meter.take(new Uint8Array([2]), 10, 1_000);
  assert.equal(meter.pendingMs(1_500), 500);
  meter.take(new Uint8Array([0, 0, 7]), 10, 1_600);
  assert.equal(meter.pendingMs(2_000), 1_000);
  meter.take(new Uint8Array([7]), 10, 2_000);
  assert.equal(meter.pendingMs(9_000), 0);
});
