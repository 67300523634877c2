import { type ServiceId, utf8Bytes } from "@/domain/mod.ts";
import type { Database } from "./database.ts";

export interface KeyValueBucket {
  readonly serviceId: ServiceId;
  readonly bucket: string;
}

export interface KeyValueEntry extends KeyValueBucket {
  readonly key: string;
}

/** Another number with every write of a value; `undefined` while there is none. */
export type ValueVersion = number | undefined;

/** A value, or none, with its version. */
export interface VersionedValue {
  readonly value: Uint8Array | undefined;
  readonly version: ValueVersion;
}

/** What a service keeps altogether. */
export interface KeyValueUsage {
  readonly keys: number;
  readonly bytes: number;
}

/** Bytes a counter's value counts for. */
export const COUNTER_BYTES = 8;

/** What is committed. Keys are kept as UTF-8 bytes, so that SQLite's order is the byte order of the contract. */
export class KeyValueTable {
  readonly #database: Database;
  readonly #decoder = new TextDecoder();

  constructor(database: Database) {
    this.#database = database;
  }

  value(entry: KeyValueEntry): Uint8Array | undefined {
    return this.#database.sql("SELECT value FROM key_values WHERE service_id = ? AND bucket = ? AND key = ?")
      .get(...place(entry))?.value as Uint8Array | undefined;
  }

  /** A value's version and its size in bytes, without reading it. */
  head(entry: KeyValueEntry): { readonly version: ValueVersion; readonly bytes: number } {
    const row = this.#database.sql(
      "SELECT version, length(value) AS bytes FROM key_values WHERE service_id = ? AND bucket = ? AND key = ?",
    ).get(...place(entry));
    return { version: row?.version as ValueVersion, bytes: Number(row?.bytes ?? 0) };
  }

  counter(entry: KeyValueEntry): bigint | undefined {
    const row = this.#database.sql("SELECT value FROM counters WHERE service_id = ? AND bucket = ? AND key = ?")
      .get(...place(entry));
    return row === undefined ? undefined : BigInt(row.value as string);
  }

  /** The first `limit` keys from `from` on, in byte order. */
  keys({ serviceId, bucket }: KeyValueBucket, from: string, limit: number): string[] {
    return this.#database.sql(
      "SELECT key FROM key_values WHERE service_id = ? AND bucket = ? AND key >= ? ORDER BY key LIMIT ?",
    ).all(serviceId, bucket, utf8Bytes(from), limit).map((row) => this.#decoder.decode(row.key as Uint8Array));
  }

  usage(serviceId: ServiceId): KeyValueUsage {
    const row = this.#database.sql("SELECT keys, bytes FROM key_value_usage WHERE service_id = ?").get(serviceId);
    return { keys: Number(row?.keys ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  /** Begins a group of writes of one service: counts them as one and answers the version they get. */
  nextVersion(serviceId: ServiceId): number {
    this.#database.sql(
      `INSERT INTO key_value_usage (service_id, keys, bytes, version) VALUES (?, 0, 0, 1)
       ON CONFLICT DO UPDATE SET version = version + 1`,
    ).run(serviceId);
    const row = this.#database.sql("SELECT version FROM key_value_usage WHERE service_id = ?").get(serviceId);
    return Number(row?.version);
  }

  setValue(entry: KeyValueEntry, value: Uint8Array, version: number): void {
    const before = this.head(entry);
    this.#database.sql(
      `INSERT INTO key_values (service_id, bucket, key, value, version) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, version = excluded.version`,
    ).run(...place(entry), value, version);
    if (before.version === undefined) this.#count(entry.serviceId, 1, nameBytes(entry) + value.length);
    else this.#count(entry.serviceId, 0, value.length - before.bytes);
  }

  deleteValue(entry: KeyValueEntry): void {
    const before = this.head(entry);
    if (before.version === undefined) return;
    this.#database.sql("DELETE FROM key_values WHERE service_id = ? AND bucket = ? AND key = ?").run(...place(entry));
    this.#count(entry.serviceId, -1, -nameBytes(entry) - before.bytes);
  }

  setCounter(entry: KeyValueEntry, value: bigint): void {
    const isNew = this.counter(entry) === undefined;
    this.#database.sql(
      `INSERT INTO counters (service_id, bucket, key, value) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value`,
    ).run(...place(entry), String(value));
    if (isNew) this.#count(entry.serviceId, 1, nameBytes(entry) + COUNTER_BYTES);
  }

  owners(): readonly ServiceId[] {
    return this.#database.sql("SELECT service_id FROM key_value_usage WHERE keys > 0 ORDER BY service_id").all()
      .map((row) => row.service_id as ServiceId);
  }

  clear(serviceId: ServiceId): void {
    for (const table of ["key_values", "counters"] as const) {
      this.#database.sql(`DELETE FROM ${table} WHERE service_id = ?`).run(serviceId);
    }
    // The row stays, so that versions of a service that comes back go on where they were.
    this.#database.sql("UPDATE key_value_usage SET keys = 0, bytes = 0 WHERE service_id = ?").run(serviceId);
  }

  #count(serviceId: ServiceId, keys: number, bytes: number): void {
    this.#database.sql("UPDATE key_value_usage SET keys = keys + ?, bytes = bytes + ? WHERE service_id = ?")
      .run(keys, bytes, serviceId);
  }
}

/** Bytes that bucket and key of an entry count for. */
export function nameBytes({ bucket, key }: { readonly bucket: string; readonly key: string }): number {
  return utf8Bytes(bucket).length + utf8Bytes(key).length;
}

function place(entry: KeyValueEntry): [ServiceId, string, Uint8Array] {
  return [entry.serviceId, entry.bucket, utf8Bytes(entry.key)];
}
