import type { BlockHeader, EvmLog } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import type { ChainKey } from "@/domain/ids.ts";
import type { HeightRange } from "../block_interval/heights.ts";
import type { SourceBatch, SourceName } from "../types.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import type { MissedPolicy } from "../missed.ts";
import { ChainIntervals } from "./chain_intervals.ts";
import { type ChainReader, inconsistent } from "./chain_reader.ts";
import { detect, type Detected, NOTHING_DETECTED, withHeights } from "./detect.ts";
import { MAX_CONTRADICTIONS, MAX_RECORDED_BLOCKS, PARALLEL_BLOCKS, RING_BLOCKS } from "./limits.ts";
import {
  advanced,
  type BlockRef,
  catchUpParts,
  type ChainPosition,
  encodeCursor,
  positionAfter,
  type Rewind,
  rewoundBelowRing,
  rewoundTo,
} from "./position.ts";
import { type CatchUp, catchUpsOf, EMPTY_WATCHLIST, type Watchlist } from "./watchlist.ts";

export interface FollowerOptions {
  readonly source: SourceName;
  readonly chain: ChainKey;
  /** Where to go on; `undefined` starts behind the current head. */
  readonly position: ChainPosition | undefined;
  readonly missed: MissedPolicy;
}

export interface FollowerModules {
  readonly context: Context;
  /** What is to be watched at this moment. */
  readonly watchlist: () => Watchlist;
  readonly recordedBlocks: RecordedBlocks;
}

/** The blocks above a height that have recorded events, the latest first; at most `MAX_RECORDED_BLOCKS`. */
export type RecordedBlocks = (above: bigint) => Promise<readonly BlockRef[]>;

/**
 * What one look at the chain came to: nothing was left to do, the position (or what is watched) moved, or the head it
 * looked from is not of the chain the endpoint has now.
 */
type Step = "done" | "moved" | "contradicted";

/**
 * Walks a chain block by block and turns its logs into batches; it outlives the connections it reads through.
 *
 * Every block is delivered once for each time it becomes part of the chain. The position moves only when the batch that
 * moves it is asked past, which is when it was committed.
 */
export class ChainFollower {
  readonly #options: FollowerOptions;
  readonly #context: Context;
  readonly #wanted: () => Watchlist;
  readonly #recordedBlocks: RecordedBlocks;
  /** What the next blocks are searched for; it changes between blocks only. */
  #watchlist: Watchlist | undefined;
  #position: ChainPosition | undefined;
  readonly #intervals: ChainIntervals;

  constructor(options: FollowerOptions, modules: FollowerModules) {
    this.#options = options;
    this.#position = options.position;
    this.#context = modules.context;
    this.#intervals = new ChainIntervals(options, modules.context);
    this.#wanted = modules.watchlist;
    this.#recordedBlocks = modules.recordedBlocks;
  }

  /** The last delivered block. */
  get delivered(): bigint | undefined {
    return this.#position === undefined ? undefined : this.#position.next - 1n;
  }

  /** Finds the place in the chain that a connection leads to: the first time behind its head. */
  async *begin(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch> {
    const genesis = await reader.genesis();
    const known = this.#position;
    this.#intervals.missedUpTo = head.number - 1n;
    if (known === undefined) {
      yield* this.#commit(positionAfter(head, genesis));
    } else if (known.genesis === undefined) {
      this.#position = { ...known, genesis };
    } else if (genesis !== undefined && genesis !== known.genesis) {
      this.#position = { ...known, genesis };
      yield* this.#followReplacement(reader, head);
    }
  }

  /**
   * Another first block means another chain, which may be shorter, as one that lags is too; or a development chain that
   * was started from a saved state, which has its old blocks still.
   */
  async *#followReplacement(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch> {
    this.#context.log.warn("The chain has another first block than before", {
      chain: this.#options.chain,
      genesis: this.#current().genesis,
    });
    yield* this.#followReorg(reader, head);
    if (this.#current().ring.length > 0) return;
    // Nothing of it is left. Intervals without a start begin anew with it.
    this.#position = { ...this.#current(), intervals: new Map() };
    this.#watchlist = undefined;
  }

  /** Delivers everything up to `announced`, or up to the head the endpoint has when that one left the chain meanwhile. */
  async *advance(reader: ChainReader, announced: BlockHeader): AsyncGenerator<SourceBatch> {
    let head = announced;
    let contradictions = 0;
    for (;;) {
      const step = yield* this.#step(reader, head);
      if (step === "done") return;
      if (step === "moved") {
        contradictions = 0;
        continue;
      }
      if (++contradictions > MAX_CONTRADICTIONS) {
        throw inconsistent(`block ${head.number}, which it calls the latest, does not fit its other blocks`);
      }
      head = await reader.confirmed(await reader.latest());
    }
  }

  async *#step(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch, Step> {
    if (this.#wanted() !== this.#watchlist) return yield* this.#takeOverWatchlist(reader, head);
    const { next, ring } = this.#current();
    if (head.number < next) {
      return await this.#isReplaced(reader, head) ? yield* this.#followReorg(reader, head) : "done";
    }
    const isFar = next + BigInt(RING_BLOCKS) <= head.number;
    const blocks = isFar ? [await reader.announcedBlock(next)] : await reader.blocksUpTo(next, head);
    // These blocks may be younger than a change of what is wanted, so the change goes first.
    if (this.#wanted() !== this.#watchlist) return "moved";
    if (!continues(ring, blocks)) return yield* this.#followReorg(reader, head);
    return isFar ? yield* this.#deliverRange(reader, head) : yield* this.#deliverBlocks(reader, linked(blocks));
  }

  /**
   * Whether the block delivered at the height of `head` is no longer in the chain. A head that is merely low is no
   * reorg: it may come from a node that lags.
   */
  async #isReplaced(reader: ChainReader, head: BlockHeader): Promise<boolean> {
    const delivered = this.#current().ring.find(({ number }) => number === head.number);
    if (delivered === undefined || delivered.hash === head.hash) return false;
    return (await reader.blockAt(head.number))?.hash !== delivered.hash;
  }

  /** Far behind: a range of blocks at once, up to where reorgs have to be expected. */
  async *#deliverRange(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch, Step> {
    const position = this.#current();
    const last = head.number - BigInt(RING_BLOCKS);
    const wanted = position.next + reader.blocksPerQuery - 1n;
    const end = wanted < last ? wanted : last;
    const watchlist = this.#watchlist ?? EMPTY_WATCHLIST;
    const block = await reader.announcedBlock(end);
    const logs = await reader.logsOfRange(watchlist.filter, position.next, end);
    // The position must not say that the logs of one fork are those of another.
    if (!await reader.isInChain(block)) return "contradicted";
    yield* this.#commit(advanced(position, [block]), this.#found(logs, { from: position.next, to: end }));
    return "moved";
  }

  /** Near the head: every block by its hash, up to the first that a reorg took away meanwhile. */
  async *#deliverBlocks(reader: ChainReader, blocks: readonly BlockHeader[]): AsyncGenerator<SourceBatch, Step> {
    const watchlist = this.#watchlist ?? EMPTY_WATCHLIST;
    const logs = upToGap(await Promise.all(blocks.map((block) => reader.logsOfBlock(watchlist.filter, block))));
    if (logs.length === 0) return "contradicted";
    const { next } = this.#current();
    const position = advanced(this.#current(), blocks.slice(0, logs.length));
    yield* this.#commit(position, this.#found(logs.flat(), { from: next, to: position.next - 1n }));
    return "moved";
  }

  /** Walks back to the last delivered block that is known to be still in the chain. */
  async *#followReorg(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch, Step> {
    const position = this.#current();
    const { ring } = position;
    for (const [index, block] of [...ring.entries()].reverse()) {
      if (!await reader.isInChain(block)) continue;
      const above = ring[index + 1];
      // Nothing delivered left the chain: it is `head` that did.
      if (above === undefined) return "contradicted";
      const rewind = rewoundTo(position, block);
      const isExact = above.number === block.number + 1n;
      yield* this.#rewind(isExact ? rewind : await this.#withRecorded(reader, rewind, block.number));
      return "moved";
    }
    this.#warnOfLoss(head);
    yield* this.#rewind(await this.#withRecorded(reader, rewoundBelowRing(position, head), -1n));
    return "moved";
  }

  /** Not every block above the last one that stayed is remembered, but those with events are recorded. */
  async #withRecorded(reader: ChainReader, { position, orphaned }: Rewind, above: bigint): Promise<Rewind> {
    const recorded = await this.#recordedBlocks(above);
    if (recorded.length >= MAX_RECORDED_BLOCKS) this.#warnOfLoss(recorded[0]);
    const known = new Set(orphaned.map(({ hash }) => hash));
    const gone: BlockRef[] = [];
    for (const blocks of portions(recorded.filter(({ hash }) => !known.has(hash)), PARALLEL_BLOCKS)) {
      const isInChain = await Promise.all(blocks.map((block) => reader.isInChain(block)));
      gone.push(...blocks.filter((_, index) => isInChain[index] === false));
    }
    return { position, orphaned: [...orphaned, ...gone] };
  }

  #warnOfLoss(head: BlockRef | undefined): void {
    this.#context.log.error("A reorg went deeper than what is remembered, events may have been missed", {
      chain: this.#options.chain,
      remembered: this.#current().ring.length,
      head: head?.number,
    });
  }

  async *#rewind({ position, orphaned }: Rewind): AsyncGenerator<SourceBatch> {
    this.#context.log.warn("Reorg", {
      chain: this.#options.chain,
      from: position.next,
      orphaned: orphaned.length,
    });
    yield* this.#commit(position, NOTHING_DETECTED, orphaned);
  }

  /** Watches what is wanted now from the next block on, after what changed definitions missed below it. */
  async *#takeOverWatchlist(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch, Step> {
    const wanted = this.#wanted();
    for (const catchUp of catchUpsOf(this.#watchlist, wanted, this.#current().caughtUp)) {
      const isComplete = yield* this.#catchUp(reader, catchUp);
      if (!isComplete) return yield* this.#followReorg(reader, head);
    }
    const caughtUp = new Map([...this.#current().caughtUp].filter(([id, block]) => wanted.since.get(id) === block));
    this.#position = { ...this.#current(), caughtUp };
    const added = this.#intervals.takeOver(wanted, this.#current());
    if (added !== undefined) {
      yield* this.#commit({ ...this.#current(), intervals: added.anchors }, { events: added.events, uriChanges: [] });
    }
    this.#watchlist = wanted;
    return "moved";
  }

  /** @returns whether all blocks it was to read are still in the chain */
  async *#catchUp(
    reader: ChainReader,
    { serviceId, fromBlock, watchlist }: CatchUp,
  ): AsyncGenerator<SourceBatch, boolean> {
    const position = this.#current();
    const isNothingNew = watchlist.workflows.size === 0;
    for (const part of isNothingNew ? [] : catchUpParts(position, fromBlock, reader.blocksPerQuery)) {
      const logs = part.kind === "range"
        ? [await reader.logsOfRange(watchlist.filter, part.from, part.to)]
        : await Promise.all(part.blocks.map((block) => reader.logsOfBlock(watchlist.filter, block)));
      if (upToGap(logs).length < logs.length) return false;
      yield* this.#commit(position, this.#detect(upToGap(logs).flat(), watchlist));
    }
    yield* this.#commit({ ...position, caughtUp: new Map(position.caughtUp).set(serviceId, fromBlock) });
    return true;
  }

  /** Hands over in portions; only the last one moves the position, since a portion may end inside a block. */
  async *#commit(
    position: ChainPosition,
    detected: Detected = NOTHING_DETECTED,
    orphaned: readonly BlockRef[] = [],
  ): AsyncGenerator<SourceBatch> {
    const { source, chain } = this.#options;
    const { uriChanges } = detected;
    const [first = [], ...others] = portions(detected.events, MAX_EVENTS_PER_BATCH);
    const before = this.#position ?? position;
    const orphanedBlocks = orphaned.map(({ hash }) => ({ chain, hash }));
    const batch = (events: SourceBatch["events"], isLast: boolean): SourceBatch => ({
      source,
      cursor: encodeCursor(isLast ? position : before),
      events,
      uriChanges: isLast ? uriChanges : [],
      orphanedBlocks: isLast ? orphanedBlocks : [],
    });
    let events = first;
    for (const next of others) {
      yield batch(events, false);
      events = next;
    }
    yield batch(events, true);
    this.#position = position;
  }

  /** What the next blocks, which have these logs, come to. */
  #found(logs: readonly EvmLog[], range: HeightRange): Detected {
    const watchlist = this.#watchlist ?? EMPTY_WATCHLIST;
    const heights = this.#intervals.due(watchlist.intervals, range, this.#current().intervals);
    return withHeights(this.#detect(logs, watchlist), heights);
  }

  #detect(logs: readonly EvmLog[], watchlist: Watchlist): Detected {
    const { chain } = this.#options;
    return detect(logs, {
      chain,
      watchlist,
      detectedAtMs: this.#context.clock.now(),
      onUndecodable: ({ address, blockNumber }, error) =>
        this.#context.log.warn("Announced service URI ignored", {
          chain,
          manager: address,
          block: blockNumber,
          cause: serializeError(error),
        }),
    });
  }

  #current(): ChainPosition {
    if (this.#position === undefined) throw new Error("the follower has not begun");
    return this.#position;
  }
}

/** Whether `blocks` come right after what was delivered. */
function continues(ring: readonly BlockRef[], [first]: readonly BlockHeader[]): boolean {
  const tip = ring.at(-1);
  return tip === undefined || first === undefined || first.parentHash === tip.hash;
}

/** `blocks` as far as each is the parent of the next: a reorg may come between two answers. */
function linked(blocks: readonly BlockHeader[]): readonly BlockHeader[] {
  const end = blocks.findIndex((block, index) => index > 0 && block.parentHash !== blocks[index - 1]?.hash);
  return end === -1 ? blocks : blocks.slice(0, end);
}

/** The answers before the first that is missing. */
function upToGap<T>(answers: readonly (T | undefined)[]): readonly T[] {
  const present: T[] = [];
  for (const answer of answers) {
    if (answer === undefined) break;
    present.push(answer);
  }
  return present;
}

function portions<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
