import type { BlockHeader, EvmLog } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import type { ChainKey } from "@/domain/ids.ts";
import type { SourceBatch, SourceName } from "../types.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import { type ChainReader, inconsistent } from "./chain_reader.ts";
import { detect, type Detected } from "./detect.ts";
import { RING_BLOCKS } from "./limits.ts";
import {
  advanced,
  type BlockRef,
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
}

export interface FollowerModules {
  readonly context: Context;
  /** What is to be watched at this moment. */
  readonly watchlist: () => Watchlist;
}

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
  /** What the next blocks are searched for; it changes between blocks only. */
  #watchlist: Watchlist | undefined;
  #position: ChainPosition | undefined;

  constructor(options: FollowerOptions, modules: FollowerModules) {
    this.#options = options;
    this.#position = options.position;
    this.#context = modules.context;
    this.#wanted = modules.watchlist;
  }

  /** The last delivered block. */
  get delivered(): bigint | undefined {
    return this.#position === undefined ? undefined : this.#position.next - 1n;
  }

  /** Finds the place in the chain that a connection leads to: the first time behind its head. */
  async *begin(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch> {
    const genesis = await reader.genesis();
    const known = this.#position;
    if (known === undefined) {
      yield* this.#commit(positionAfter(head, genesis));
    } else if (known.genesis === undefined) {
      this.#position = { ...known, genesis };
    } else if (genesis !== undefined && genesis !== known.genesis) {
      this.#context.log.error("The chain was replaced by another one", { chain: this.#options.chain, genesis });
      const { position, orphaned } = rewoundBelowRing(known, head);
      yield* this.#rewind({ position: { ...position, genesis }, orphaned });
    }
  }

  /** Delivers everything up to `head`. */
  async *advance(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch> {
    yield* this.#takeOverWatchlist(reader);
    while (head.number >= this.#current().next) {
      const { next, ring } = this.#current();
      const isFar = next + BigInt(RING_BLOCKS) <= head.number;
      const blocks = isFar ? [await reader.announcedBlock(next)] : await reader.blocksUpTo(next, head);
      if (!continues(ring, blocks)) yield* this.#followReorg(reader, head);
      else if (isFar) yield* this.#deliverRange(reader, head);
      else yield* this.#deliverBlocks(reader, linked(blocks));
      yield* this.#takeOverWatchlist(reader);
    }
    if (await this.#isReplaced(reader, head)) {
      yield* this.#followReorg(reader, head);
      yield* this.advance(reader, head);
    }
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
  async *#deliverRange(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch> {
    const position = this.#current();
    const last = head.number - BigInt(RING_BLOCKS);
    const wanted = position.next + reader.blocksPerQuery - 1n;
    const end = wanted < last ? wanted : last;
    const watchlist = this.#watchlist ?? EMPTY_WATCHLIST;
    const logs = await reader.logsOfRange(watchlist.filter, position.next, end);
    const block = await reader.announcedBlock(end);
    yield* this.#commit(advanced(position, [block]), this.#detect(logs, watchlist));
  }

  /** Near the head: every block by its hash. */
  async *#deliverBlocks(reader: ChainReader, blocks: readonly BlockHeader[]): AsyncGenerator<SourceBatch> {
    const watchlist = this.#watchlist ?? EMPTY_WATCHLIST;
    const logs = await Promise.all(blocks.map((block) => reader.logsOfBlock(watchlist.filter, block)));
    yield* this.#commit(advanced(this.#current(), blocks), this.#detect(logs.flat(), watchlist));
  }

  /** Walks back to the last delivered block that is still in the chain. */
  async *#followReorg(reader: ChainReader, head: BlockHeader): AsyncGenerator<SourceBatch> {
    const position = this.#current();
    for (const block of position.ring.toReversed()) {
      if ((await reader.blockAt(block.number))?.hash !== block.hash) continue;
      if (block === position.ring.at(-1)) throw inconsistent(`block ${block.number} both is and is not in the chain`);
      return yield* this.#rewind(rewoundTo(position, block));
    }
    this.#context.log.error("A reorg went deeper than the blocks remembered, events may have been missed", {
      chain: this.#options.chain,
      remembered: position.ring.length,
      head: head.number,
    });
    yield* this.#rewind(rewoundBelowRing(position, head));
  }

  async *#rewind({ position, orphaned }: Rewind): AsyncGenerator<SourceBatch> {
    this.#context.log.warn("Reorg", {
      chain: this.#options.chain,
      from: position.next,
      orphaned: orphaned.length,
    });
    yield* this.#commit(position, { events: [], uriChanges: [] }, orphaned);
  }

  /** Watches what is wanted now from the next block on, after what changed definitions missed below it. */
  async *#takeOverWatchlist(reader: ChainReader): AsyncGenerator<SourceBatch> {
    const wanted = this.#wanted();
    if (wanted === this.#watchlist) return;
    for (const catchUp of catchUpsOf(this.#watchlist, wanted, this.#current().caughtUp)) {
      yield* this.#catchUp(reader, catchUp);
    }
    const caughtUp = new Map([...this.#current().caughtUp].filter(([id, block]) => wanted.since.get(id) === block));
    this.#position = { ...this.#current(), caughtUp };
    this.#watchlist = wanted;
  }

  async *#catchUp(reader: ChainReader, { serviceId, fromBlock, watchlist }: CatchUp): AsyncGenerator<SourceBatch> {
    const position = this.#current();
    let from = fromBlock;
    while (from < position.next && watchlist.workflows.size > 0) {
      const wanted = from + reader.blocksPerQuery;
      const end = (wanted < position.next ? wanted : position.next) - 1n;
      const logs = await reader.logsOfRange(watchlist.filter, from, end);
      yield* this.#commit(position, this.#detect(logs, watchlist));
      from = end + 1n;
    }
    yield* this.#commit({ ...position, caughtUp: new Map(position.caughtUp).set(serviceId, fromBlock) });
  }

  /** Hands over in portions; only the last one moves the position, since a portion may end inside a block. */
  async *#commit(
    position: ChainPosition,
    detected: Detected = { events: [], uriChanges: [] },
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

function portions<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
