import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesToHex, parseEventId, parseEvmAddress } from "@/domain/mod.ts";
import { operatorsBefore } from "./ranking.ts";

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => parseEvmAddress(bytesToHex(bytes)));
const eventId = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => parseEventId(bytesToHex(bytes)));

Deno.test("operators that know each other have each a rank of its own, whatever order they know each other in", () => {
  const operators = fc.uniqueArray(address, { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(eventId, operators, (event, all) => {
    const ranks = all.map((own) => operatorsBefore(event, own, all.toReversed()).length);
    assert.deepEqual(ranks.toSorted((left, right) => left - right), all.map((_, index) => index));
    assert.deepEqual(ranks, all.map((own) => operatorsBefore(event, own, all.filter((other) => other !== own)).length));
  }));
});

Deno.test("over many events everybody goes first equally often", () => {
  const operators = [1, 2, 3].map((byte) => parseEvmAddress(`0x${`${byte}`.repeat(40)}`));
  const events = Array.from({ length: 3_000 }, (_, index) => parseEventId(`0x${index.toString(16).padStart(40, "0")}`));
  for (const own of operators) {
    const first = events.filter((event) => operatorsBefore(event, own, operators).length === 0).length;
    assert.ok(Math.abs(first - 1_000) < 120, `${first} of 3,000`);
  }
});

Deno.test("who knows nobody else goes first", () => {
  const own = parseEvmAddress(`0x${"11".repeat(20)}`);
  assert.deepEqual(operatorsBefore(parseEventId(`0x${"22".repeat(20)}`), own, []), []);
});
