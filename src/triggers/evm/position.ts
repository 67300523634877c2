import { WavsError } from "@/domain/errors.ts";
import { type Bytes32, parseBytes32, parseServiceId, type ServiceId } from "@/domain/ids.ts";
import type { IntervalAnchors } from "../block_interval/watch.ts";
import type { Cursor } from "../types.ts";
import { MAX_REMEMBERED_DEPTH, PARALLEL_BLOCKS, RING_BLOCKS } from "./limits.ts";

export interface BlockRef {
  readonly number: bigint;
  readonly hash: Bytes32;
}

/** Where a source stands in its chain. */
export interface ChainPosition {
  /** The next block to deliver; everything below was delivered. */
  readonly next: bigint;
  /**
   * Delivered blocks, ascending: the latest `RING_BLOCKS` and ever fewer of those before. The last one is `next - 1`.
   * Empty: unknown.
   */
  readonly ring: readonly BlockRef[];
  /** Tells a chain that was started anew from one that is behind; unknown when the provider does not keep it. */
  readonly genesis: Bytes32 | undefined;
  /** Services whose present definition was caught up, with the block it took over in. */
  readonly caughtUp: ReadonlyMap<ServiceId, bigint>;
  readonly intervals: IntervalAnchors;
}

/** A position from which only what comes after `head` is delivered. */
export function positionAfter(head: BlockRef, genesis: Bytes32 | undefined): ChainPosition {
  return { next: head.number + 1n, ring: [head], genesis, caughtUp: new Map(), intervals: new Map() };
}

/** The position once `blocks`, ascending and not empty, are delivered too. */
export function advanced(position: ChainPosition, blocks: readonly BlockRef[]): ChainPosition {
  const ring = remembered([...position.ring, ...blocks].map(({ number, hash }) => ({ number, hash })));
  return { ...position, ring, next: (ring.at(-1)?.number ?? position.next - 1n) + 1n };
}

/**
 * The blocks worth remembering: all near the last one, and the first of every stretch further back, where stretches get
 * longer with the distance. Longer ones are made of shorter ones, so that a block once left out is never needed again.
 */
function remembered(blocks: readonly BlockRef[]): readonly BlockRef[] {
  const tip = blocks.at(-1)?.number ?? 0n;
  let before = "";
  return blocks.filter(({ number }) => {
    const distance = tip - number;
    if (distance < RING_BLOCKS) return true;
    const length = stretchAt(distance);
    const stretch = `${length}/${number / length}`;
    const isFirst = stretch !== before;
    before = stretch;
    return isFirst && distance <= MAX_REMEMBERED_DEPTH;
  });
}

/** A quarter of the distance, rounded down to a power of two. */
function stretchAt(distance: bigint): bigint {
  return 1n << BigInt(distance.toString(2).length - 3);
}

/** What a reorg took back. */
export interface Rewind {
  readonly position: ChainPosition;
  readonly orphaned: readonly BlockRef[];
}

/** The position with `ancestor` as its last block; it must be in the ring. */
export function rewoundTo(position: ChainPosition, ancestor: BlockRef): Rewind {
  const ring = position.ring.filter(({ number }) => number <= ancestor.number);
  const orphaned = position.ring.filter(({ number }) => number > ancestor.number);
  return { position: { ...position, ring, next: ancestor.number + 1n }, orphaned };
}

/**
 * The position when no block of the ring is left in the chain.
 *
 * It goes on from the lowest block known, or a ring's length below the head where the chain is shorter now: that may
 * deliver again what was delivered, which the journal drops, but skips nothing that can be known.
 */
export function rewoundBelowRing(position: ChainPosition, head: BlockRef): Rewind {
  const lowest = position.ring[0]?.number ?? position.next;
  const belowHead = head.number - BigInt(RING_BLOCKS) + 1n;
  const next = minimum(lowest, belowHead > 0n ? belowHead : 0n);
  return { position: { ...position, ring: [], next }, orphaned: position.ring };
}

/** A part of what is read again below a position: a range, or blocks by their hashes. */
export type CatchUpPart =
  | { readonly kind: "range"; readonly from: bigint; readonly to: bigint }
  | { readonly kind: "blocks"; readonly blocks: readonly BlockRef[] };

/**
 * What was delivered from block `from` on, ascending: by hash where every hash is remembered, since near the head a
 * range may be answered by a node that lags, or from another fork; in ranges of at most `blocksPerQuery` below that.
 */
export function catchUpParts(position: ChainPosition, from: bigint, blocksPerQuery: bigint): readonly CatchUpPart[] {
  const recent = position.ring.filter(({ number }, index) =>
    number >= from && BigInt(position.ring.length - index) === position.next - number
  );
  const parts: CatchUpPart[] = [];
  const last = (recent[0]?.number ?? position.next) - 1n;
  for (let start = from; start <= last; start += blocksPerQuery) {
    parts.push({ kind: "range", from: start, to: minimum(start + blocksPerQuery - 1n, last) });
  }
  for (let start = 0; start < recent.length; start += PARALLEL_BLOCKS) {
    parts.push({ kind: "blocks", blocks: recent.slice(start, start + PARALLEL_BLOCKS) });
  }
  return parts;
}

/** The cursor that is stored with the events. */
export function encodeCursor(position: ChainPosition): Cursor {
  return JSON.stringify({
    next: String(position.next),
    ring: position.ring.map(({ number, hash }) => [String(number), hash]),
    ...(position.genesis === undefined ? {} : { genesis: position.genesis }),
    caughtUp: [...position.caughtUp].map(([serviceId, block]) => [serviceId, String(block)]),
    intervals: [...position.intervals].map(([key, height]) => [key, String(height)]),
  }) as Cursor;
}

/** @throws WavsError `cursor_invalid` for text that {@link encodeCursor} did not make */
export function decodeCursor(cursor: Cursor): ChainPosition {
  try {
    const { next, ring, genesis, caughtUp, intervals = [] } = JSON.parse(cursor);
    return {
      next: BigInt(next),
      ring: ring.map(([number, hash]: [string, string]) => ({ number: BigInt(number), hash: parseBytes32(hash) })),
      genesis: genesis === undefined ? undefined : parseBytes32(genesis),
      caughtUp: new Map(caughtUp.map(([id, block]: [string, string]) => [parseServiceId(id), BigInt(block)])),
      intervals: new Map(intervals.map(([key, height]: [string, string]) => [key, BigInt(height)])),
    };
  } catch (cause) {
    throw new WavsError("cursor_invalid", {
      message: `Cannot go on from the stored cursor "${cursor.slice(0, 80)}" because it is damaged`,
      retryable: false,
      cause,
    });
  }
}

function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
