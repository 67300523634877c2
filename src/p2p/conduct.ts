import { BAN_MS, MAX_BANNED_PEERS, MAX_KNOWN_PEERS, MAX_REJECTED_MESSAGES, PEER_RATE } from "./limits.ts";
import { Pace } from "./pace.ts";

interface Record {
  readonly pace: Pace;
  rejected: number;
  sinceMs: number;
}

/** How peers behave: how fast each may send, and which of them are cut off. */
export class Conduct {
  /** The one heard of the longest ago first. */
  readonly #records = new Map<string, Record>();
  /**
   * Until when peers are cut off, the one that was cut off first before the others. Apart from the records: identities
   * cost nothing, and a flood of new ones must not lift a ban.
   */
  readonly #bannedUntilMs = new Map<string, number>();

  /** How long what a peer sent next is to wait, in milliseconds. */
  delayMs(peerId: string, tokens: number, nowMs: number): number {
    return this.#of(peerId, nowMs).pace.take(tokens, nowMs);
  }

  /** Counts a message that was rejected. @returns whether the peer is cut off by it */
  reject(peerId: string, nowMs: number): boolean {
    const record = this.#of(peerId, nowMs);
    if (nowMs - record.sinceMs > BAN_MS) {
      record.rejected = 0;
      record.sinceMs = nowMs;
    }
    if (++record.rejected < MAX_REJECTED_MESSAGES) return false;
    record.rejected = 0;
    this.#bannedUntilMs.delete(peerId);
    this.#bannedUntilMs.set(peerId, nowMs + BAN_MS);
    const [oldest] = this.#bannedUntilMs.keys();
    if (oldest !== undefined && this.#bannedUntilMs.size > MAX_BANNED_PEERS) this.#bannedUntilMs.delete(oldest);
    return true;
  }

  isBanned(peerId: string, nowMs: number): boolean {
    return (this.#bannedUntilMs.get(peerId) ?? -Infinity) > nowMs;
  }

  /** How many peers are cut off. */
  banned(nowMs: number): number {
    return [...this.#bannedUntilMs.values()].filter((untilMs) => untilMs > nowMs).length;
  }

  #of(peerId: string, nowMs: number): Record {
    const record = this.#records.get(peerId) ?? { pace: new Pace(PEER_RATE, nowMs), rejected: 0, sinceMs: nowMs };
    this.#records.delete(peerId);
    this.#records.set(peerId, record);
    // Whoever is forgotten here begins with a clean record, and a burst; there are as many identities as one wants.
    const [oldest] = this.#records.keys();
    if (oldest !== undefined && this.#records.size > MAX_KNOWN_PEERS) this.#records.delete(oldest);
    return record;
  }
}
