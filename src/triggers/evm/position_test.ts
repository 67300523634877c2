import assert from "node:assert/strict";
import fc from "fast-check";
import { parseBytes32, WavsError } from "@/domain/mod.ts";
import type { Cursor } from "../types.ts";
import { RING_BLOCKS } from "./limits.ts";
import {
  advanced,
  type BlockRef,
  type ChainPosition,
  decodeCursor,
  encodeCursor,
  positionAfter,
  rewoundBelowRing,
  rewoundTo,
} from "./position.ts";
import { serviceIdOf } from "./testing/registry.ts";

function block(number: bigint, fork = 0): BlockRef {
  return { number, hash: parseBytes32((number * 256n + BigInt(fork)).toString(16).padStart(64, "0")) };
}

/** A position reached from `start` by `count` blocks. */
function walked(start: bigint, count: number): ChainPosition {
  const blocks = Array.from({ length: count }, (_, index) => block(start + BigInt(index) + 1n));
  return blocks.reduce((position, next) => advanced(position, [next]), positionAfter(block(start), undefined));
}

const walks = fc.record({ start: fc.bigInt({ min: 0n, max: 2n ** 40n }), count: fc.nat({ max: 150 }) });

Deno.test("a position keeps the latest blocks, ascending, right up to the next one", () => {
  fc.assert(fc.property(walks, ({ start, count }) => {
    const { ring, next } = walked(start, count);
    assert.equal(next, start + BigInt(count) + 1n);
    const recent = ring.slice(-RING_BLOCKS);
    assert.equal(recent.length, Math.min(count + 1, RING_BLOCKS));
    assert.deepEqual(
      recent.map(({ number }) => number),
      recent.map((_, index) => next - BigInt(recent.length - index)),
    );
  }));
});

Deno.test("of older blocks it keeps few, and never lacks one near any depth", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.nat({ max: 500 }), (ranges, single) => {
      let position = positionAfter(block(0n), undefined);
      const delivered = [0n];
      for (const step of [...ranges, ...Array.from({ length: single }, () => 1)]) {
        delivered.push(position.next + BigInt(step) - 1n);
        position = advanced(position, [block(delivered.at(-1)!)]);
      }
      const tip = delivered.at(-1)!;
      const kept = new Set(position.ring.map(({ number }) => number));
      assert.ok(kept.size <= RING_BLOCKS + 5 * 20, `${kept.size} are kept`);
      for (const number of delivered) {
        const distance = tip - number;
        const isNear = [...kept].some((other) => other <= number && number - other <= distance / 3n);
        assert.ok(isNear, `no block is kept at most ${distance / 3n} below ${number} of ${tip}`);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("a cursor holds a position without loss", () => {
  const caughtUp = fc.array(fc.tuple(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n })), { maxLength: 5 });
  fc.assert(fc.property(walks, caughtUp, fc.boolean(), ({ start, count }, entries, hasGenesis) => {
    const position = {
      ...walked(start, count),
      genesis: hasGenesis ? block(0n).hash : undefined,
      caughtUp: new Map(entries.map(([id, number]) => [serviceIdOf(id), number])),
    };
    assert.deepEqual(decodeCursor(encodeCursor(position)), position);
  }));
});

Deno.test("a cursor that this source did not write is refused, whatever it holds", () => {
  const damaged = fc.oneof(fc.string(), fc.json(), fc.constant('{"next":"1","ring":[["1","0x"]],"caughtUp":[]}'));
  fc.assert(fc.property(damaged, (text) => {
    assert.throws(
      () => decodeCursor(text as Cursor),
      (error) => error instanceof WavsError && error.code === "cursor_invalid",
    );
  }));
});

Deno.test("after a rewind and the blocks of the other fork, every block was delivered or withdrawn exactly once", () => {
  fc.assert(fc.property(walks, fc.nat({ max: 63 }), fc.integer({ min: 1, max: 63 }), (walk, depth, length) => {
    const before = walked(walk.start, walk.count);
    const ancestor = before.ring.at(-1 - Math.min(depth, before.ring.length - 1));
    assert.ok(ancestor !== undefined);
    const { position, orphaned } = rewoundTo(before, ancestor);
    assert.equal(position.next, ancestor.number + 1n);
    assert.deepEqual([...position.ring, ...orphaned], before.ring);
    const fork = Array.from({ length }, (_, index) => block(position.next + BigInt(index), 1));
    const after = advanced(position, fork);
    assert.equal(after.next, position.next + BigInt(length));
    assert.deepEqual(after.ring.slice(-fork.length), fork);
  }));
});

Deno.test("a rewind below the ring withdraws all of it and skips no block that can be known", () => {
  fc.assert(fc.property(walks, fc.bigInt({ min: 0n, max: 2n ** 40n }), ({ start, count }, head) => {
    const before = walked(start, count);
    const { position, orphaned } = rewoundBelowRing(before, block(head, 1));
    const lowest = before.ring[0]?.number ?? 0n;
    assert.deepEqual(orphaned, before.ring);
    assert.deepEqual(position.ring, []);
    assert.ok(position.next >= 0n && position.next <= lowest);
    assert.ok(position.next <= head || head === 0n);
  }));
});
