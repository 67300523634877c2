import { backoffMs } from "@/context/mod.ts";
import type { PeerAddress } from "./library.ts";
import { DIAL_BACKOFF, MAX_ADDRESS_FAILURES, MAX_ADDRESSES_PER_FEED } from "./limits.ts";

interface Entry {
  readonly address: PeerAddress;
  failures: number;
  /** Whether somebody with the feed was ever there: then it is never forgotten for good. */
  wasUseful: boolean;
  /** When it may be tried; `undefined` while it is in use. */
  dueMs: number | undefined;
}

/** The addresses at which a feed's peers are said to be, and which of them to try next. Pure: no clock, no network. */
export class AddressBook {
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Takes over what the DHT said; what is known keeps its place, and what does not fit is ignored. */
  add(addresses: readonly PeerAddress[], nowMs: number): void {
    for (const address of addresses) {
      const key = keyOf(address);
      if (this.#entries.has(key) || !this.#hasRoom()) continue;
      this.#entries.set(key, { address, failures: 0, wasUseful: false, dueMs: nowMs });
    }
  }

  /** The address that is due for longest, which is in use from now on. */
  take(nowMs: number): PeerAddress | undefined {
    const due = [...this.#entries.values()].filter(({ dueMs }) => dueMs !== undefined && dueMs <= nowMs);
    const [first] = due.sort((left, right) => (left.dueMs ?? 0) - (right.dueMs ?? 0));
    if (first === undefined) return undefined;
    first.dueMs = undefined;
    return first.address;
  }

  /** It is no longer in use; after failures it is tried later and later, and forgotten in the end. */
  release(address: PeerAddress, wasUseful: boolean, nowMs: number): void {
    const entry = this.#entries.get(keyOf(address));
    if (entry === undefined) return;
    entry.failures = wasUseful ? 0 : entry.failures + 1;
    entry.wasUseful ||= wasUseful;
    if (entry.failures >= MAX_ADDRESS_FAILURES && !entry.wasUseful) this.#entries.delete(keyOf(address));
    else entry.dueMs = nowMs + backoffMs(DIAL_BACKOFF, entry.failures + 1, this.#random);
  }

  /** In how many milliseconds an address is due; `undefined` when none is waiting. */
  nextDueMs(nowMs: number): number | undefined {
    const due = [...this.#entries.values()].flatMap(({ dueMs }) => dueMs === undefined ? [] : [dueMs]);
    return due.length === 0 ? undefined : Math.max(0, Math.min(...due) - nowMs);
  }

  /** Where nobody is any more makes room for what is new. */
  #hasRoom(): boolean {
    if (this.#entries.size < MAX_ADDRESSES_PER_FEED) return true;
    for (const [key, { failures, dueMs }] of this.#entries) {
      if (dueMs !== undefined && failures >= MAX_ADDRESS_FAILURES) return this.#entries.delete(key);
    }
    return false;
  }
}

function keyOf({ host, port }: PeerAddress): string {
  return `${host}:${port}`;
}
