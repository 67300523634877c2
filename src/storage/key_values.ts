import { type ServiceId, utf8Bytes } from "@/domain/mod.ts";
import type { Database } from "./database.ts";
import { KEY_PAGE_SIZE } from "./limits.ts";

interface Bucket {
  readonly serviceId: ServiceId;
  readonly bucket: string;
}

interface Entry extends Bucket {
  readonly key: string;
}

/** What components keep between executions, one namespace per service (spec/engine.md 2.7). */
export interface KeyValues {
  get(entry: Entry): Uint8Array | undefined;
  set(entry: Entry, value: Uint8Array): void;
  delete(entry: Entry): void;
  listKeys(
    bucket: Bucket,
    cursor: string | undefined,
  ): { readonly keys: readonly string[]; readonly cursor: string | undefined };
  increment(entry: Entry, delta: bigint): bigint;
  compareAndSwap(entry: Entry, expected: Uint8Array | undefined, value: Uint8Array): boolean;
}

/** Keys are kept as UTF-8 bytes, so that SQLite's order is the byte order of the contract. */
export function createKeyValues(database: Database): KeyValues {
  const decoder = new TextDecoder();
  const place = (entry: Entry) => [entry.serviceId, entry.bucket, utf8Bytes(entry.key)] as const;
  const get = (entry: Entry) =>
    database.sql("SELECT value FROM key_values WHERE service_id = ? AND bucket = ? AND key = ?")
      .get(...place(entry))?.value as Uint8Array | undefined;
  const set = (entry: Entry, value: Uint8Array) => {
    database.sql(
      `INSERT INTO key_values (service_id, bucket, key, value) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value`,
    ).run(...place(entry), value);
  };
  return {
    get,
    set,
    delete: (entry) => {
      database.sql("DELETE FROM key_values WHERE service_id = ? AND bucket = ? AND key = ?").run(...place(entry));
    },
    listKeys: ({ serviceId, bucket }, cursor) => {
      const keys = database.sql(
        `SELECT key FROM key_values WHERE service_id = ? AND bucket = ? AND key >= ? ORDER BY key
         LIMIT ${KEY_PAGE_SIZE + 1}`,
      ).all(serviceId, bucket, utf8Bytes(cursor ?? "")).map((row) => decoder.decode(row.key as Uint8Array));
      return { keys: keys.slice(0, KEY_PAGE_SIZE), cursor: keys[KEY_PAGE_SIZE] };
    },
    increment: (entry, delta) =>
      database.transaction(() => {
        const row = database.sql("SELECT value FROM counters WHERE service_id = ? AND bucket = ? AND key = ?")
          .get(...place(entry));
        const sum = BigInt.asIntN(64, BigInt((row?.value ?? "0") as string) + delta);
        database.sql(
          `INSERT INTO counters (service_id, bucket, key, value) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET value = excluded.value`,
        ).run(...place(entry), String(sum));
        return sum;
      }),
    compareAndSwap: (entry, expected, value) =>
      database.transaction(() => {
        if (!sameBytes(get(entry), expected)) return false;
        set(entry, value);
        return true;
      }),
  };
}

function sameBytes(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
