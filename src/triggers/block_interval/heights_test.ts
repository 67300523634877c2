import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError } from "@/domain/errors.ts";
import { parseChainKey } from "@/domain/ids.ts";
import type { MissedPolicy } from "../missed.ts";
import { type BlockIntervalTrigger, checkBlockInterval, dueHeights } from "./heights.ts";
import { MAX_MISSED_HEIGHTS } from "./limits.ts";

function every(nBlocks: number, bounds: { startBlock?: bigint; endBlock?: bigint } = {}): BlockIntervalTrigger {
  const { startBlock, endBlock } = bounds;
  return { kind: "block_interval", chain: parseChainKey("evm:1"), nBlocks, startBlock, endBlock };
}

interface Watched {
  readonly since: bigint;
  readonly to: bigint;
  readonly from?: bigint;
  readonly missedUpTo?: bigint;
  readonly missed?: MissedPolicy;
}

function fires(trigger: BlockIntervalTrigger, { since, to, from, missedUpTo = 0n, missed = "fire_all" }: Watched) {
  const due = dueHeights(trigger, { since, range: { from: from ?? since, to }, missedUpTo, missed });
  return due.heights.map(Number);
}

Deno.test("without a start the interval counts from the first height watched", () => {
  assert.deepEqual(fires(every(3), { since: 4n, to: 12n }), [4, 7, 10]);
});

Deno.test("with a start it counts from there, whenever it is watched", () => {
  assert.deepEqual(fires(every(3, { startBlock: 2n }), { since: 4n, to: 11n }), [5, 8, 11]);
  assert.deepEqual(fires(every(3, { startBlock: 2n }), { since: 5n, to: 8n }), [5, 8]);
  assert.deepEqual(fires(every(3, { startBlock: 20n }), { since: 4n, to: 26n }), [20, 23, 26]);
});

Deno.test("it fires up to its end, and once more behind an end that is between two of its heights", () => {
  assert.deepEqual(fires(every(3, { startBlock: 2n, endBlock: 8n }), { since: 1n, to: 30n }), [2, 5, 8]);
  assert.deepEqual(fires(every(3, { startBlock: 2n, endBlock: 9n }), { since: 1n, to: 30n }), [2, 5, 8, 11]);
});

Deno.test("a start and end that have passed fire once, at the next height that is theirs", () => {
  assert.deepEqual(fires(every(10, { startBlock: 7n, endBlock: 7n }), { since: 100n, to: 300n }), [107]);
});

Deno.test("block 0 fires nothing", () => {
  assert.deepEqual(fires(every(1), { since: 0n, to: 2n }), [1, 2]);
  assert.deepEqual(fires(every(5), { since: 0n, to: 11n }), [5, 10]);
});

Deno.test("missed heights all fire, only the latest, or none", () => {
  const watched = { since: 1n, from: 10n, missedUpTo: 20n, to: 24n };
  const trigger = every(3, { startBlock: 1n });
  assert.deepEqual(fires(trigger, watched), [10, 13, 16, 19, 22]);
  assert.deepEqual(fires(trigger, { ...watched, missed: "fire_last" }), [19, 22]);
  assert.deepEqual(fires(trigger, { ...watched, missed: "skip" }), [22]);
  const once = every(3, { startBlock: 13n, endBlock: 13n });
  assert.deepEqual(fires(once, { ...watched, missed: "fire_last" }), [13]);
  assert.deepEqual(fires(once, { ...watched, missed: "skip" }), []);
});

Deno.test("of too many missed heights the latest fire", () => {
  const missedUpTo = 3n * MAX_MISSED_HEIGHTS;
  const range = { from: 1n, to: missedUpTo + 2n };
  const { heights, givenUp } = dueHeights(every(1), { since: 1n, range, missedUpTo, missed: "fire_all" });
  assert.equal(heights.length, Number(MAX_MISSED_HEIGHTS) + 2);
  assert.equal(heights[0], missedUpTo - MAX_MISSED_HEIGHTS + 1n);
  assert.equal(givenUp, 2n * MAX_MISSED_HEIGHTS);
});

const height = fc.bigInt({ min: 1n, max: 400n });
const triggers = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.option(height), fc.option(height)).map(
  ([nBlocks, startBlock, endBlock]) =>
    every(nBlocks, {
      ...startBlock === null ? {} : { startBlock },
      ...endBlock === null ? {} : { endBlock: startBlock === null || endBlock >= startBlock ? endBlock : startBlock },
    }),
);

Deno.test("a watched chain fires what the scheduler of the specification does, tick by tick", () => {
  fc.assert(fc.property(triggers, height, (trigger, since) => {
    assert.deepEqual(fires(trigger, { since, to: 1000n }), ticked(trigger, Number(since), 1000));
  }));
});

/** spec/network.md 1.4, as it is written, with a tick for every height. */
function ticked({ nBlocks, startBlock, endBlock }: BlockIntervalTrigger, since: number, to: number): number[] {
  const fired: number[] = [];
  const kickoff = startBlock === undefined ? since : Number(startBlock);
  let next = kickoff + Math.ceil(Math.max(0, since - kickoff) / nBlocks) * nBlocks;
  for (let now = since; now <= to; now++) {
    if (next > now) continue;
    fired.push(now);
    next = now + nBlocks;
    if (endBlock !== undefined && now >= Number(endBlock)) break;
  }
  return fired;
}

Deno.test("a range fires the same however it is cut", () => {
  const policies = fc.constantFrom<MissedPolicy>("fire_all", "fire_last", "skip");
  const cuts = fc.uniqueArray(fc.bigInt({ min: 1n, max: 500n }), { maxLength: 8 });
  fc.assert(fc.property(triggers, height, height, policies, cuts, (trigger, since, missedUpTo, missed, at) => {
    const whole = fires(trigger, { since, from: 1n, to: 500n, missedUpTo, missed });
    const ends = [0n, ...at.toSorted((left, right) => Number(left - right)), 500n];
    const pieces = ends.slice(1).flatMap((to, index) =>
      fires(trigger, { since, from: (ends[index] ?? 0n) + 1n, to, missedUpTo, missed })
    );
    assert.deepEqual(pieces, whole);
  }));
});

Deno.test("an interval that ends before it starts is refused", () => {
  assert.throws(
    () => checkBlockInterval(every(5, { startBlock: 9n, endBlock: 8n })),
    (error) => isWavsError(error, "block_interval_invalid") && /from "9".*"8"/.test(error.message),
  );
  checkBlockInterval(every(5, { startBlock: 9n, endBlock: 9n }));
});
