import { childContext, type Context, SETTLED } from "@/context/mod.ts";
import { describeError } from "@/domain/errors.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import { Takeover } from "../takeover.ts";
import type {
  Cursor,
  DetectedEvent,
  FeedStream,
  SourceBatch,
  SourceHealth,
  SourceName,
  TriggerIdentity,
  TriggerSource,
} from "../types.ts";
import type { FeedKey } from "./feed_key.ts";
import { IDLE_CHECK_MS, MAX_BATCH_BYTES } from "./limits.ts";
import { decodePosition, encodePosition, type FeedPosition, firstMissing, positionFor } from "./position.ts";
import type { Replica } from "./replica.ts";
import type { FollowedFeed } from "./swarm.ts";
import { type FeedFollower, feedSourceName, followersOf } from "./watched.ts";

export interface HypercoreSourceModules {
  readonly context: Context;
  readonly follow: (feedKey: FeedKey) => Promise<FollowedFeed>;
}

/** A source that can show its feed as `GET /dev/trigger-streams` does. */
export interface HypercoreSource extends TriggerSource {
  streams(): readonly FeedStream[];
}

/**
 * One feed: hands over every block to every workflow that watches it, in order, once, from the first block on
 * (spec/network.md 1.7).
 *
 * The stored position is the source's cursor, so neither the files of the feed nor the connections decide what fires. A
 * workflow that is removed and comes again gets the whole feed again, and the journal drops what it has. While nobody
 * watches the feed nothing is connected.
 */
export function createHypercoreSource(feedKey: FeedKey, modules: HypercoreSourceModules): HypercoreSource {
  return new FeedSource(feedKey, modules);
}

class FeedSource implements HypercoreSource {
  readonly name: SourceName;
  readonly #feedKey: FeedKey;
  readonly #context: Context;
  readonly #follow: HypercoreSourceModules["follow"];
  readonly #closing = new AbortController();
  readonly #takeover = new Takeover<ReadonlyMap<string, FeedFollower>>(new Map());
  #followers: ReadonlyMap<string, FeedFollower> = new Map();
  #replica: Replica | undefined;
  #position: FeedPosition = new Map();
  #lastError: string | undefined;

  constructor(feedKey: FeedKey, { context, follow }: HypercoreSourceModules) {
    this.name = feedSourceName(feedKey);
    this.#feedKey = feedKey;
    this.#context = childContext(context, "hypercore");
    this.#follow = follow;
  }

  async *batches(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    this.#position = from === undefined ? new Map() : decodePosition(from);
    while (!ending.aborted) {
      yield* this.#takeOver();
      if (this.#position.size === 0) {
        await this.#context.clock.sleep(IDLE_CHECK_MS, AbortSignal.any([ending, this.#takeover.woken]));
        continue;
      }
      try {
        await using feed = await this.#follow(this.#feedKey);
        this.#replica = feed.replica;
        yield* this.#handOver(feed.replica, ending);
      } catch (error) {
        this.#lastError = describeError(error);
        throw error;
      } finally {
        this.#replica = undefined;
      }
    }
    this.#takeover.release();
  }

  /** Resolves once the new followers are in the stored cursor, whether the feed can be had or not. */
  watch(registry: RegistrySnapshot): Promise<void> {
    return this.#takeover.announce(followersOf(registry, this.#feedKey));
  }

  health(): SourceHealth {
    const replica = this.#replica;
    return {
      source: this.name,
      connected: replica?.isConnected ?? false,
      endpoint: undefined,
      // Counted from 0, as blocks of a feed are; -1 is before the first.
      blocks: replica === undefined || this.#position.size === 0
        ? undefined
        : { head: BigInt(replica.length - 1), delivered: BigInt(firstMissing(this.#position) - 1) },
      lagMs: undefined,
      lastError: this.#lastError,
    };
  }

  streams(): readonly FeedStream[] {
    const state = this.#replica === undefined ? "waiting" : this.#replica.isConnected ? "connected" : "connecting";
    const spellings = new Set([...this.#followers.values()].map(({ trigger }) => trigger.feedKey));
    return [...spellings].map((feedKey) => ({ feedKey, state }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(SETTLED);
    this.#takeover.close();
    return Promise.resolve();
  }

  /** Makes the position that of the followers; main has it when this returns. */
  *#takeOver(): Generator<SourceBatch> {
    const { watched, settle } = this.#takeover.take();
    this.#followers = watched;
    const before = encodePosition(this.#position);
    this.#position = positionFor(this.#followers.keys(), this.#position);
    if (encodePosition(this.#position) !== before) yield this.#batch([]);
    settle();
  }

  /** Until nobody follows any more. */
  async *#handOver(replica: Replica, ending: AbortSignal): AsyncGenerator<SourceBatch> {
    while (!ending.aborted) {
      yield* this.#takeOver();
      if (this.#position.size === 0) return;
      const woken = AbortSignal.any([ending, this.#takeover.woken, replica.change]);
      const events = await this.#nextEvents(replica);
      this.#lastError = replica.fullReason;
      if (events.length > 0) yield this.#batch(events);
      else await this.#context.clock.sleep(IDLE_CHECK_MS, woken);
    }
  }

  /** The next blocks that are here, as one batch; the position stands behind them then. */
  async #nextEvents(replica: Replica): Promise<readonly DetectedEvent[]> {
    const events: DetectedEvent[] = [];
    const position = new Map(this.#position);
    let bytes = 0;
    for (let index = firstMissing(position); index < replica.length; index++) {
      const due = [...this.#followers].filter(([key]) => (position.get(key) ?? Infinity) <= index);
      if (events.length > 0 && events.length + due.length > MAX_EVENTS_PER_BATCH) break;
      const data = await replica.read(index);
      if (data === undefined || (events.length > 0 && bytes + data.length * due.length > MAX_BATCH_BYTES)) break;
      bytes += data.length * due.length;
      for (const [key, follower] of due) {
        events.push(this.#eventOf(follower, index, data));
        position.set(key, index + 1);
      }
    }
    this.#position = position;
    return events;
  }

  #eventOf({ serviceId, workflowId, trigger }: FeedFollower, index: number, data: Uint8Array): DetectedEvent {
    return {
      serviceId,
      workflowId,
      trigger,
      // As the service spells it: the key is part of the event id, and other nodes keep the spelling.
      data: { kind: "HypercoreAppend", feedKey: trigger.feedKey, index: BigInt(index), data },
      identity: `hypercore/${this.#feedKey}/${index}` as TriggerIdentity,
      block: undefined,
      detectedAtMs: this.#context.clock.now(),
    };
  }

  #batch(events: readonly DetectedEvent[]): SourceBatch {
    return {
      source: this.name,
      cursor: encodePosition(this.#position),
      events,
      uriChanges: [],
      orphanedBlocks: [],
    };
  }
}
