import type { ServiceId } from "@/domain/mod.ts";
import type { Database } from "./database.ts";
import { KeyLocks } from "./key_locks.ts";
import { type KeyValueEntry, KeyValueTable } from "./key_value_table.ts";
import { type Growth, KeyValueTransaction, type TransactionScene } from "./key_value_transaction.ts";
import { KEY_VALUE_LIMITS, type KeyValueLimits } from "./limits.ts";

/**
 * What components keep between executions, one namespace per service (spec/engine.md 2.7).
 *
 * Bucket and key are columns of their own: bucket `a/b` with key `c` and bucket `a` with key `b/c` are two entries. The
 * reference joins them with a slash and takes them for one (spec/engine.md 8.1 row 8), which lets a component that
 * makes bucket names of what strangers send write into other buckets; nothing known relies on it.
 */
export class KeyValues {
  readonly #database: Database;
  readonly #table: KeyValueTable;
  readonly #scene: TransactionScene;
  readonly #open = new Map<ServiceId, Set<KeyValueTransaction>>();

  constructor(database: Database, limits: KeyValueLimits = KEY_VALUE_LIMITS) {
    this.#database = database;
    this.#table = new KeyValueTable(database);
    this.#scene = {
      table: this.#table,
      locks: new KeyLocks(),
      limits,
      atomically: (work) => database.transaction(work),
      growthOfOthers: (self) => this.#growthOfOthers(self),
      uncommittedBytes: () => this.#uncommittedBytes(),
      ended: (self) => this.#forget(self),
    };
  }

  /** What is committed under a key. */
  get(entry: KeyValueEntry): Uint8Array | undefined {
    return this.#table.value(entry);
  }

  /** Begins an execution of a service; whoever does must dispose it, stored or not. */
  begin(serviceId: ServiceId): KeyValueTransaction {
    const transaction = new KeyValueTransaction(serviceId, this.#scene);
    const own = this.#open.get(serviceId) ?? new Set();
    this.#open.set(serviceId, own.add(transaction));
    return transaction;
  }

  /** Deletes everything a service keeps. */
  clear(serviceId: ServiceId): void {
    this.#database.transaction(() => this.#table.clear(serviceId));
  }

  /** The services that keep something. */
  owners(): readonly ServiceId[] {
    return this.#table.owners();
  }

  #growthOfOthers(self: KeyValueTransaction): Growth {
    const sum = { keys: 0, bytes: 0 };
    for (const other of this.#open.get(self.serviceId) ?? []) {
      if (other === self) continue;
      sum.keys += Math.max(0, other.growth.keys);
      sum.bytes += Math.max(0, other.growth.bytes);
    }
    return sum;
  }

  #uncommittedBytes(): number {
    let bytes = 0;
    for (const transactions of this.#open.values()) {
      for (const transaction of transactions) bytes += transaction.writtenBytes;
    }
    return bytes;
  }

  #forget(transaction: KeyValueTransaction): void {
    const own = this.#open.get(transaction.serviceId);
    own?.delete(transaction);
    if (own?.size === 0) this.#open.delete(transaction.serviceId);
  }
}
