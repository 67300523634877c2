import { compareUtf8, type ServiceId, WavsError } from "@/domain/mod.ts";
import type { KeyLocks, LockOwner } from "./key_locks.ts";
import {
  COUNTER_BYTES,
  type KeyValueTable,
  nameBytes,
  type ValueVersion,
  type VersionedValue,
} from "./key_value_table.ts";
import { KEY_PAGE_SIZE, type KeyValueLimits } from "./limits.ts";

/** A key and its new value; `undefined` deletes it. */
export type KeyValueWrite = readonly [key: string, value: Uint8Array | undefined];

interface WrittenValue {
  value: Uint8Array | undefined;
  version: ValueVersion;
}

/** How much more a service keeps once a transaction is stored. */
export interface Growth {
  keys: number;
  bytes: number;
}

/** What transactions share. */
export interface TransactionScene {
  readonly table: KeyValueTable;
  readonly locks: KeyLocks;
  readonly limits: KeyValueLimits;
  /** Runs in one database transaction, the outer one if there is one. */
  readonly atomically: (work: () => void) => void;
  /** What the other transactions of this service under way add, as far as it is more and not less. */
  readonly growthOfOthers: (self: KeyValueTransaction) => Growth;
  /** Bytes written by all transactions under way. */
  readonly uncommittedBytes: () => number;
  readonly ended: (self: KeyValueTransaction) => void;
}

/**
 * What one execution reads and writes.
 *
 * Isolation is *read committed, reading its own writes*, with *strict two-phase locking of writes*: a write (set,
 * delete, increment, swap) takes an exclusive lock on its key that is kept until the execution is stored or dropped,
 * and until then nobody else sees it. So increments of one counter happen one after the other and each sees the sum of
 * those before it, a swap compares with what is committed and cannot be overtaken, and a failed execution takes back
 * nothing but its own writes. Reads neither lock nor wait; a value read and then set may be older than what it
 * replaces, which is what compare-and-swap is for. Executions that wait for each other in a circle are told apart by
 * ending the one that would have closed it (`key_value_conflict`), which is then tried again.
 *
 * Writes are held in memory until {@link store}, which is meant to be part of the transaction that records the
 * execution's result: then a crash can neither lose nor double them. A reorg that withdraws a trigger after its
 * execution was recorded does not take them back.
 */
export class KeyValueTransaction implements LockOwner, Disposable {
  readonly name: string;
  readonly serviceId: ServiceId;
  readonly #scene: TransactionScene;
  readonly #values = new Map<string, Map<string, WrittenValue>>();
  readonly #counters = new Map<string, Map<string, bigint>>();
  readonly #growth: Growth = { keys: 0, bytes: 0 };
  #writtenKeys = 0;
  #writtenBytes = 0;
  /** Versions of its own writes go down, those of the table go up. */
  #lastVersion = 0;
  #state: "open" | "stored" | "dropped" = "open";

  constructor(serviceId: ServiceId, scene: TransactionScene) {
    this.name = serviceId;
    this.serviceId = serviceId;
    this.#scene = scene;
  }

  get growth(): Growth {
    return this.#growth;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Whether it waits for a key that another execution has written. */
  get isWaiting(): boolean {
    return this.#scene.locks.isWaiting(this);
  }

  read(bucket: string, key: string): VersionedValue {
    this.#requireOpen();
    const written = this.#values.get(bucket)?.get(key);
    if (written !== undefined) return written;
    const entry = { serviceId: this.serviceId, bucket, key };
    const { version } = this.#scene.table.head(entry);
    return { version, value: version === undefined ? undefined : this.#scene.table.value(entry) };
  }

  /** As {@link read}, without the value. */
  version(bucket: string, key: string): ValueVersion {
    this.#requireOpen();
    return this.#visible(bucket, key).version;
  }

  /** Keys ≥ `cursor` in byte order, at most a page; `cursor` of the answer is the first key of the next page. */
  listKeys(
    bucket: string,
    cursor: string | undefined,
  ): { readonly keys: readonly string[]; readonly cursor: string | undefined } {
    this.#requireOpen();
    const from = cursor ?? "";
    const own = this.#values.get(bucket) ?? new Map<string, WrittenValue>();
    const committed = this.#scene.table.keys(
      { serviceId: this.serviceId, bucket },
      from,
      KEY_PAGE_SIZE + 1 + own.size,
    ).filter((key) => !own.has(key));
    const added = [...own].filter(([key, { value }]) => value !== undefined && compareUtf8(key, from) >= 0);
    const keys = [...committed, ...added.map(([key]) => key)].sort(compareUtf8);
    return { keys: keys.slice(0, KEY_PAGE_SIZE), cursor: keys[KEY_PAGE_SIZE] };
  }

  /**
   * Sets and deletes, all of them or none; of one key the last counts.
   *
   * @throws WavsError `key_value_refused` when a limit would be exceeded, `key_value_conflict`
   */
  async write(bucket: string, writes: readonly KeyValueWrite[]): Promise<void> {
    this.#requireOpen();
    const last = new Map(writes);
    // In one order, so that two batches over the same keys do not wait for each other.
    for (const key of [...last.keys()].sort(compareUtf8)) await this.#lock("value", bucket, key);
    this.#admit([...last].map(([key, value]) => this.#changeBy(bucket, key, value)));
    for (const [key, value] of last) this.#put(bucket, key, value);
  }

  /**
   * Adds to a counter, which is apart from the value of that key and starts at 0, and returns the sum.
   *
   * @throws WavsError `key_value_refused` when the sum is no signed 64-bit integer, or a limit would be exceeded;
   * `key_value_conflict`
   */
  async increment(bucket: string, key: string, delta: bigint): Promise<bigint> {
    this.#requireOpen();
    await this.#lock("counter", bucket, key);
    const own = this.#counters.get(bucket)?.get(key);
    const before = own ?? this.#scene.table.counter({ serviceId: this.serviceId, bucket, key });
    const sum = (before ?? 0n) + delta;
    if (BigInt.asIntN(64, sum) !== sum) {
      throw refused(`adding ${delta} to the counter "${key}" would leave the range of a signed 64-bit integer`);
    }
    // Asking what it is creates nothing.
    if (before === undefined && delta === 0n) return sum;
    if (own === undefined) {
      const bytes = nameBytes({ bucket, key }) + COUNTER_BYTES;
      const isNew = before === undefined;
      this.#admit([{ keys: isNew ? 1 : 0, bytes: isNew ? bytes : 0, writtenKeys: 1, writtenBytes: bytes }]);
    }
    inner(this.#counters, bucket).set(key, sum);
    return sum;
  }

  /**
   * Sets a value if its version still is `seen`.
   *
   * @returns whether it was set, and the version that stands there now
   * @throws WavsError as {@link write}
   */
  async swap(
    bucket: string,
    key: string,
    change: { readonly seen: ValueVersion; readonly value: Uint8Array },
  ): Promise<{ readonly swapped: boolean; readonly version: ValueVersion }> {
    this.#requireOpen();
    await this.#lock("value", bucket, key);
    const { version } = this.#visible(bucket, key);
    if (version !== change.seen) return { swapped: false, version };
    this.#admit([this.#changeBy(bucket, key, change.value)]);
    return { swapped: true, version: this.#put(bucket, key, change.value) };
  }

  /** Commits, as part of the database transaction it is called in, or in one of its own. Nobody else sees it before {@link Symbol.dispose}. */
  store(): void {
    this.#requireOpen();
    const { table, atomically } = this.#scene;
    const { serviceId } = this;
    if (this.#writtenKeys > 0) {
      atomically(() => {
        const version = table.nextVersion(serviceId);
        for (const [bucket, values] of this.#values) {
          for (const [key, { value }] of values) {
            if (value === undefined) table.deleteValue({ serviceId, bucket, key });
            else table.setValue({ serviceId, bucket, key }, value, version);
          }
        }
        for (const [bucket, counters] of this.#counters) {
          for (const [key, value] of counters) table.setCounter({ serviceId, bucket, key }, value);
        }
      });
    }
    this.#state = "stored";
  }

  /** Drops what was not stored and lets others at its keys. */
  [Symbol.dispose](): void {
    this.#state = "dropped";
    this.#scene.locks.release(this);
    this.#scene.ended(this);
  }

  async #lock(kind: "value" | "counter", bucket: string, key: string): Promise<void> {
    // Unambiguous whatever the names contain.
    const wait = this.#scene.locks.acquire(this, JSON.stringify([this.serviceId, kind, bucket, key]));
    if (wait === undefined) return;
    await wait;
    this.#requireOpen();
  }

  #visible(bucket: string, key: string): { readonly version: ValueVersion; readonly bytes: number } {
    const written = this.#values.get(bucket)?.get(key);
    if (written !== undefined) return { version: written.version, bytes: written.value?.length ?? 0 };
    return this.#scene.table.head({ serviceId: this.serviceId, bucket, key });
  }

  #changeBy(bucket: string, key: string, value: Uint8Array | undefined): Change {
    const before = this.#visible(bucket, key);
    const own = this.#values.get(bucket)?.get(key);
    const name = nameBytes({ bucket, key });
    const existed = before.version !== undefined;
    const exists = value !== undefined;
    return {
      keys: Number(exists) - Number(existed),
      bytes: (exists ? name + value.length : 0) - (existed ? name + before.bytes : 0),
      writtenKeys: own === undefined ? 1 : 0,
      writtenBytes: own === undefined ? name + (value?.length ?? 0) : (value?.length ?? 0) - (own.value?.length ?? 0),
    };
  }

  /** Counts changes in, all or none. */
  #admit(changes: readonly Change[]): void {
    const sum = { keys: 0, bytes: 0, writtenKeys: 0, writtenBytes: 0 };
    for (const change of changes) {
      sum.keys += change.keys;
      sum.bytes += change.bytes;
      sum.writtenKeys += change.writtenKeys;
      sum.writtenBytes += change.writtenBytes;
    }
    this.#refuseTooMuch(sum);
    this.#growth.keys += sum.keys;
    this.#growth.bytes += sum.bytes;
    this.#writtenKeys += sum.writtenKeys;
    this.#writtenBytes += sum.writtenBytes;
  }

  /** What makes things smaller is always let through, or a full service could never be emptied. */
  #refuseTooMuch(sum: Change): void {
    const { limits, table, growthOfOthers, uncommittedBytes } = this.#scene;
    if (this.#writtenKeys + sum.writtenKeys > limits.maxWrittenKeys) {
      throw refused(`one execution may write at most ${limits.maxWrittenKeys} keys`);
    }
    if (sum.writtenBytes > 0 && this.#writtenBytes + sum.writtenBytes > limits.maxWrittenBytes) {
      throw refused(`one execution may write at most ${limits.maxWrittenBytes} bytes`);
    }
    if (sum.writtenBytes > 0 && uncommittedBytes() + sum.writtenBytes > limits.maxUncommittedBytes) {
      throw refused(`all executions under way may write at most ${limits.maxUncommittedBytes} bytes together`);
    }
    if (sum.keys <= 0 && sum.bytes <= 0) return;
    const usage = table.usage(this.serviceId);
    const others = growthOfOthers(this);
    if (sum.keys > 0 && usage.keys + others.keys + this.#growth.keys + sum.keys > limits.maxKeys) {
      throw refused(`a service may keep at most ${limits.maxKeys} keys; delete some`);
    }
    if (sum.bytes > 0 && usage.bytes + others.bytes + this.#growth.bytes + sum.bytes > limits.maxBytes) {
      throw refused(`a service may keep at most ${limits.maxBytes} bytes; delete some`);
    }
  }

  #put(bucket: string, key: string, value: Uint8Array | undefined): ValueVersion {
    const version = value === undefined ? undefined : --this.#lastVersion;
    inner(this.#values, bucket).set(key, { value, version });
    return version;
  }

  #requireOpen(): void {
    if (this.#state === "open") return;
    throw new WavsError("execution_over", { message: "The execution is not under way any more", retryable: false });
  }
}

interface Change extends Growth {
  writtenKeys: number;
  writtenBytes: number;
}

function inner<Value>(outer: Map<string, Map<string, Value>>, bucket: string): Map<string, Value> {
  const found = outer.get(bucket);
  if (found !== undefined) return found;
  const made = new Map<string, Value>();
  outer.set(bucket, made);
  return made;
}

function refused(why: string): WavsError {
  return new WavsError("key_value_refused", { message: `The write was refused because ${why}`, retryable: false });
}
