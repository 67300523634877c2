import assert from "node:assert/strict";
import fc from "fast-check";
import { parseBytes32 } from "@/domain/mod.ts";
import { MAX_ADDRESSES_PER_QUERY } from "./limits.ts";
import { covers, halve, logQueries, type LogQuery, logQueryParams } from "./log_query.ts";
import { addressOf } from "./testing/registry.ts";

const HASH = parseBytes32("22".repeat(32));

function topicOf(number: number) {
  return parseBytes32(number.toString(16).padStart(64, "0"));
}

const queries: fc.Arbitrary<LogQuery> = fc.record({
  addresses: fc.integer({ min: 1, max: 9 }).map((count) => Array.from({ length: count }, (_, n) => addressOf(n))),
  topics: fc.integer({ min: 1, max: 5 }).map((count) => Array.from({ length: count }, (_, n) => topicOf(n))),
  blocks: fc.oneof(
    fc.constant({ kind: "hash", hash: HASH, number: 7n } as const),
    fc.tuple(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 40n })).map(([from, more]) =>
      ({ kind: "range", from, to: from + more }) as const
    ),
  ),
});

/** Every single thing a query asks about. */
function asked({ addresses, topics, blocks }: LogQuery): string[] {
  const numbers = blocks.kind === "hash"
    ? [blocks.number]
    : Array.from({ length: Number(blocks.to - blocks.from) + 1 }, (_, index) => blocks.from + BigInt(index));
  return numbers.flatMap((number) =>
    addresses.flatMap((address) => topics.map((topic) => `${number}/${address}/${topic}`))
  );
}

function atoms(query: LogQuery): readonly LogQuery[] {
  const parts = halve(query);
  return parts === undefined ? [query] : parts.flatMap(atoms);
}

Deno.test("halving a query loses nothing, doubles nothing and ends with one block, address and topic", () => {
  fc.assert(fc.property(queries, (query) => {
    const parts = atoms(query);
    assert.deepEqual(parts.flatMap(asked).sort(), asked(query).sort());
    for (const part of parts) assert.equal(asked(part).length, 1, "a part that could be halved further");
  }));
});

Deno.test("a large filter is asked about in portions, an empty one not at all", () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 * MAX_ADDRESSES_PER_QUERY }), (count) => {
      const addresses = Array.from({ length: count }, (_, number) => addressOf(number));
      const parts = logQueries({ addresses, topics: [topicOf(1)] }, { kind: "hash", hash: HASH, number: 1n });
      assert.deepEqual(parts.flatMap((part) => part.addresses), addresses);
      for (const part of parts) {
        assert.ok(part.addresses.length > 0 && part.addresses.length <= MAX_ADDRESSES_PER_QUERY);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("a query by hash covers only that block, a range every block from end to end", () => {
  assert.ok(covers({ kind: "hash", hash: HASH, number: 1n }, { number: 1n, hash: HASH }));
  assert.ok(!covers({ kind: "hash", hash: HASH, number: 1n }, { number: 1n, hash: topicOf(1) }));
  const range = { kind: "range", from: 2n, to: 4n } as const;
  const covered = [1n, 2n, 3n, 4n, 5n].map((number) => covers(range, { number, hash: HASH }));
  assert.deepEqual(covered, [false, true, true, true, false]);
});

Deno.test("a query is sent as the node expects it", () => {
  const query: LogQuery = { addresses: [addressOf(1)], topics: [HASH], blocks: { kind: "range", from: 0n, to: 31n } };
  assert.deepEqual(logQueryParams(query), [
    { fromBlock: "0x0", toBlock: "0x1f", address: [addressOf(1)], topics: [[HASH]] },
  ]);
});
