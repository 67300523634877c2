import { isJsonObject } from "@/domain/json/mod.ts";
import type { TriggerIdentity } from "../types.ts";
import { type AtProtoEvent, readFrame } from "./frame.ts";
import { MAX_WAITING_CHARS, MAX_WAITING_EVENTS, REWIND_US } from "./limits.ts";
import type { JetstreamPosition } from "./position.ts";
import {
  type AtProtoWorkflow,
  type JetstreamWatchlist,
  jetstreamWatchlist,
  type UpstreamFilter,
  workflowKey,
  workflowsFor,
} from "./watchlist.ts";

/** An event for one of the workflows that wait for it. */
export interface TakenEvent {
  readonly workflow: AtProtoWorkflow;
  readonly data: AtProtoEvent;
  readonly identity: TriggerIdentity;
}

export interface IntakeOptions {
  /** `undefined` for the first start: nothing from before it fires. */
  readonly position: JetstreamPosition | undefined;
  readonly nowUs: bigint;
  /** Longer messages are left out. */
  readonly maxFrameChars: number;
}

/** What a source watches before it is told. */
export const NOTHING: JetstreamWatchlist = jetstreamWatchlist({ revision: 0, services: [], chains: [] });

/** What came from the servers and waits for the journal, and how far they have been read. Without clock or sockets. */
export class Intake {
  readonly #maxFrameChars: number;
  readonly #waiting: { readonly event: TakenEvent; readonly timeUs: bigint; readonly chars: number }[] = [];
  /** Of the triggers that are newer than what may be read again. */
  readonly #begins: Map<string, bigint>;
  #watchlist: JetstreamWatchlist = NOTHING;
  #known: ReadonlySet<string> | undefined;
  /** Triggers no server was asked for yet. */
  readonly #fresh = new Set<string>();
  /** Everything up to this time was read, though some of it may wait still. */
  #readUs: bigint;
  /** How far the present server has told, by its own clock. */
  #lastUs: bigint;
  #waitingChars = 0;
  #lagMs: number | undefined;

  constructor({ position, nowUs, maxFrameChars }: IntakeOptions) {
    this.#maxFrameChars = maxFrameChars;
    this.#readUs = position?.timeUs ?? nowUs - REWIND_US;
    this.#lastUs = this.#readUs;
    this.#begins = new Map(position?.begins);
    // What is watched at the start of a source that has a position was watched before.
    this.#known = position === undefined ? new Set() : undefined;
  }

  /**
   * Watches for these from now on. A trigger that is new begins now, a little earlier even: a server's clock may be
   * slow, and losing an event is worse than one from the seconds before.
   *
   * @returns whether anything is new
   */
  watch(watchlist: JetstreamWatchlist, nowUs: bigint): boolean {
    if (watchlist === this.#watchlist) return false;
    const keys = new Set(watchlist.workflows.map(workflowKey));
    for (const key of keys) {
      if (this.#known?.has(key) !== false) continue;
      this.#begins.set(key, nowUs - REWIND_US);
      this.#fresh.add(key);
    }
    for (const key of [...this.#begins.keys()]) {
      if (keys.has(key)) continue;
      this.#begins.delete(key);
      this.#fresh.delete(key);
    }
    this.#known = keys;
    this.#watchlist = watchlist;
    return true;
  }

  get isWatching(): boolean {
    return this.#watchlist.workflows.length > 0;
  }

  get filter(): UpstreamFilter {
    return this.#watchlist.filter;
  }

  /**
   * Where a server is to go on. The one that was left last goes on where it was; another one stamps the same events a
   * little differently, so it begins a little earlier. Triggers that are new since then begin at their own time.
   */
  resume(isSameServer: boolean): bigint {
    const fresh = [...this.#fresh].map((key) => this.#begins.get(key) ?? this.#readUs);
    const isAllNew = this.#fresh.size === this.#known?.size;
    this.#fresh.clear();
    const goesOnUs = isSameServer ? this.#lastUs : this.#readUs - REWIND_US;
    this.#lastUs = fresh.reduce(least, isAllNew ? fresh[0] ?? goesOnUs : goesOnUs);
    // Nobody waits for anything older.
    if (isAllNew && this.#lastUs > this.#readUs) this.#readUs = this.#lastUs;
    return this.#lastUs;
  }

  /**
   * Takes in one message.
   *
   * @param nowUs a server whose clock is ahead does not move the position beyond it
   * @throws WavsError `invalid_json`, `jetstream_frame_invalid`: there is nothing in it that could fire
   */
  accept(text: string, nowUs: bigint): void {
    const { timeUs, events } = readFrame(text, this.#maxFrameChars);
    for (const data of events) {
      for (const workflow of workflowsFor(this.#watchlist, data)) {
        if (timeUs < (this.#begins.get(workflowKey(workflow)) ?? timeUs)) continue;
        this.#waiting.push({ event: { workflow, data, identity: identityOf(data) }, timeUs, chars: text.length });
        this.#waitingChars += text.length;
      }
    }
    this.#lastUs = timeUs;
    this.#lagMs = Math.max(0, Number(nowUs - timeUs) / 1_000);
    const readUs = least(timeUs, nowUs);
    if (readUs > this.#readUs) this.#readUs = readUs;
  }

  get hasEvents(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether nothing more is to be read until something was taken out. */
  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING_EVENTS || this.#waitingChars >= MAX_WAITING_CHARS;
  }

  /** How old the latest message was when it came, in milliseconds; not below zero where a server's clock is ahead. */
  get lagMs(): number | undefined {
    return this.#lagMs;
  }

  get readUs(): bigint {
    return this.#readUs;
  }

  /** The oldest events, and the position that is right once they are stored. */
  takeOut(max: number): { readonly events: readonly TakenEvent[]; readonly position: JetstreamPosition } {
    const taken = this.#waiting.splice(0, max);
    for (const { chars } of taken) this.#waitingChars -= chars;
    const [next] = this.#waiting;
    const timeUs = next === undefined || next.timeUs > this.#readUs ? this.#readUs : next.timeUs - 1n;
    for (const [key, us] of this.#begins) if (us <= timeUs - REWIND_US) this.#begins.delete(key);
    return { events: taken.map(({ event }) => event), position: { timeUs, begins: new Map(this.#begins) } };
  }
}

/**
 * The same for an event however often and by whichever server it is sent: times and sequence numbers are a server's own,
 * a revision is the repository's.
 */
function identityOf({ repo, collection, rkey, action, rev, cid, opIndex, record, timestamp }: AtProtoEvent) {
  const sequence = record !== undefined && isJsonObject(record) ? record.get("seq") : undefined;
  const revision = rev ?? cid ?? (typeof sequence === "bigint" ? sequence : timestamp);
  return `atproto/${repo}/${collection}/${rkey}/${action}/${revision}/${opIndex ?? ""}` as TriggerIdentity;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
