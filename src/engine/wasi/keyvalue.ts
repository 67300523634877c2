import { utf8Bytes } from "@/domain/mod.ts";
import type { HostImports } from "../component/types.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./limits.ts";
import type { GuestScope } from "./scope.ts";

/** Where keys and values really are; every call may take a while. Buckets are those of one service. */
export interface KeyValueBackend {
  get(bucket: string, key: string): Promise<Uint8Array | undefined>;
  set(bucket: string, key: string, value: Uint8Array): Promise<void>;
  delete(bucket: string, key: string): Promise<void>;
  listKeys(
    bucket: string,
    cursor: string | undefined,
  ): Promise<{ readonly keys: readonly string[]; readonly cursor: string | undefined }>;
  increment(bucket: string, key: string, delta: bigint): Promise<bigint>;
  compareAndSwap(
    bucket: string,
    key: string,
    swap: { readonly expected: Uint8Array | undefined; readonly value: Uint8Array },
  ): Promise<boolean>;
}

/** Functions of these interfaces that answer with a promise. */
export const KEY_VALUE_ASYNC_IMPORTS: readonly string[] = [
  "wasi:keyvalue/store#[method]bucket.get",
  "wasi:keyvalue/store#[method]bucket.set",
  "wasi:keyvalue/store#[method]bucket.delete",
  "wasi:keyvalue/store#[method]bucket.exists",
  "wasi:keyvalue/store#[method]bucket.list-keys",
  "wasi:keyvalue/atomics#increment",
  "wasi:keyvalue/atomics#swap",
  "wasi:keyvalue/atomics#[method]cas.current",
  "wasi:keyvalue/batch#get-many",
  "wasi:keyvalue/batch#set-many",
  "wasi:keyvalue/batch#delete-many",
];

type KeyValueError = { readonly tag: "other"; readonly val: string };

/** `wasi:keyvalue` 0.2.0-draft2 (spec/engine.md 2.7). Opening a bucket always succeeds and creates nothing. */
export function createKeyValue(backend: KeyValueBackend, scope: GuestScope): HostImports {
  class Bucket {
    readonly name: string;

    constructor(name: string) {
      this.name = name;
    }

    get(key: string): Promise<Uint8Array | undefined> {
      return scope.wait(backend.get(this.name, checkedKey(key)));
    }

    set(key: string, value: Uint8Array): Promise<void> {
      return scope.wait(backend.set(this.name, checkedKey(key), checkedValue(value)));
    }

    delete(key: string): Promise<void> {
      return scope.wait(backend.delete(this.name, checkedKey(key)));
    }

    async exists(key: string): Promise<boolean> {
      return await this.get(key) !== undefined;
    }

    listKeys(cursor: string | undefined): ReturnType<KeyValueBackend["listKeys"]> {
      return scope.wait(backend.listKeys(this.name, cursor));
    }
  }

  /** Compares with what it last showed the guest, or would have shown when it was made. */
  class Cas {
    readonly #bucket: Bucket;
    readonly #key: string;
    #seen: Promise<Uint8Array | undefined>;

    constructor(bucket: Bucket, key: string) {
      this.#bucket = bucket;
      this.#key = key;
      this.#seen = this.#read();
    }

    // deno-lint-ignore no-misused-new -- the WIT function is called `cas.new`
    static new(bucket: Bucket, key: string): Cas {
      return new Cas(bucket, key);
    }

    current(): Promise<Uint8Array | undefined> {
      this.#seen = this.#read();
      return this.#seen;
    }

    async swap(value: Uint8Array): Promise<void> {
      const swap = { expected: await this.#seen, value: checkedValue(value) };
      if (await scope.wait(backend.compareAndSwap(this.#bucket.name, this.#key, swap))) return;
      throw { tag: "cas-failed", val: new Cas(this.#bucket, this.#key) };
    }

    #read(): Promise<Uint8Array | undefined> {
      const value = this.#bucket.get(this.#key);
      value.catch(() => {});
      return value;
    }
  }

  return {
    "wasi:keyvalue/store": { Bucket, open: (name: string) => new Bucket(checkedKey(name)) },
    "wasi:keyvalue/atomics": {
      Cas,
      increment: (bucket: Bucket, key: string, delta: bigint) =>
        scope.wait(backend.increment(bucket.name, checkedKey(key), delta)),
      swap: (cas: Cas, value: Uint8Array) => cas.swap(value),
    },
    "wasi:keyvalue/batch": {
      getMany: async (bucket: Bucket, keys: readonly string[]) => {
        checkBatch(keys.length, 0);
        const found: ([string, Uint8Array] | undefined)[] = [];
        let bytes = 0;
        for (const key of keys) {
          const value = await bucket.get(key);
          bytes += value?.length ?? 0;
          checkBatch(keys.length, bytes);
          found.push(value === undefined ? undefined : [key, value]);
        }
        return found;
      },
      setMany: async (bucket: Bucket, entries: readonly (readonly [string, Uint8Array])[]) => {
        checkBatch(entries.length, entries.reduce((sum, [, value]) => sum + value.length, 0));
        for (const [key, value] of entries) await bucket.set(key, value);
      },
      deleteMany: async (bucket: Bucket, keys: readonly string[]) => {
        checkBatch(keys.length, 0);
        for (const key of keys) await bucket.delete(key);
      },
    },
  };
}

function checkedKey(key: string): string {
  const bytes = utf8Bytes(key).length;
  if (bytes > MAX_KEY_BYTES) throw refused(`a name of ${bytes} bytes is longer than ${MAX_KEY_BYTES}`);
  return key;
}

function checkedValue(value: Uint8Array): Uint8Array {
  if (value.length > MAX_VALUE_BYTES) {
    throw refused(`a value of ${value.length} bytes is larger than ${MAX_VALUE_BYTES}`);
  }
  return value;
}

function checkBatch(items: number, bytes: number): void {
  if (items > MAX_BATCH_ITEMS) throw refused(`a batch of ${items} keys is larger than ${MAX_BATCH_ITEMS}`);
  if (bytes > MAX_BATCH_BYTES) throw refused(`a batch of ${bytes} bytes is larger than ${MAX_BATCH_BYTES}`);
}

function refused(why: string): KeyValueError {
  return { tag: "other", val: why };
}
