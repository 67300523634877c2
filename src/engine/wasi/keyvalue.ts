import { isWavsError } from "@/domain/mod.ts";
import type { HostImports } from "../component/types.ts";
import { requireBatch, requireName, requireValue } from "../key_value_rules.ts";
import type { KeyPage, KeyValueSwap, KeyValueWrite, SwapOutcome, ValueVersion, VersionedValue } from "../types.ts";
import type { GuestScope } from "./scope.ts";

/**
 * Where keys and values really are; every call may take a while. Buckets are those of one service.
 *
 * @throws WavsError `key_value_refused`, which the guest is told; everything else ends the execution
 */
export interface KeyValueBackend {
  read(bucket: string, key: string): Promise<VersionedValue>;
  version(bucket: string, key: string): Promise<ValueVersion>;
  readMany(bucket: string, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  listKeys(bucket: string, cursor: string | undefined): Promise<KeyPage>;
  write(bucket: string, writes: readonly KeyValueWrite[]): Promise<void>;
  increment(bucket: string, key: string, delta: bigint): Promise<bigint>;
  swap(bucket: string, key: string, change: KeyValueSwap): Promise<SwapOutcome>;
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
  "wasi:keyvalue/atomics#[static]cas.new",
  "wasi:keyvalue/atomics#[method]cas.current",
  "wasi:keyvalue/batch#get-many",
  "wasi:keyvalue/batch#set-many",
  "wasi:keyvalue/batch#delete-many",
];

/**
 * `wasi:keyvalue` 0.2.0-draft2 (spec/engine.md 2.7). Opening a bucket always succeeds and creates nothing. What a limit
 * forbids is the error `other`, and a line in the execution's log.
 */
export function createKeyValue(backend: KeyValueBackend, scope: GuestScope): HostImports {
  /** Does `work` on the guest's behalf, waiting as it must. */
  async function perform<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await scope.wait(work());
    } catch (error) {
      throw guestError(error);
    }
  }

  function guestError(error: unknown): unknown {
    if (!isWavsError(error, "key_value_refused")) return error;
    scope.refuse("key_value", error.message);
    return { tag: "other", val: error.message };
  }

  class Bucket {
    readonly name: string;

    constructor(name: string) {
      this.name = name;
    }

    get(key: string): Promise<Uint8Array | undefined> {
      return perform(async () => (await backend.read(this.name, requireName(key))).value);
    }

    set(key: string, value: Uint8Array): Promise<void> {
      return perform(() => backend.write(this.name, [[requireName(key), requireValue(value)]]));
    }

    delete(key: string): Promise<void> {
      return perform(() => backend.write(this.name, [[requireName(key), undefined]]));
    }

    exists(key: string): Promise<boolean> {
      return perform(async () => await backend.version(this.name, requireName(key)) !== undefined);
    }

    listKeys(cursor: string | undefined): Promise<KeyPage> {
      return perform(() => backend.listKeys(this.name, cursor === undefined ? undefined : requireName(cursor)));
    }
  }

  /** Compares with what it last showed the guest, or what stood there when it was made. */
  class Cas {
    readonly #bucket: Bucket;
    readonly #key: string;
    #seen: ValueVersion;

    constructor(bucket: Bucket, key: string, seen: ValueVersion) {
      this.#bucket = bucket;
      this.#key = key;
      this.#seen = seen;
    }

    static async new(bucket: Bucket, key: string): Promise<Cas> {
      return new Cas(bucket, key, await perform(() => backend.version(bucket.name, requireName(key))));
    }

    async current(): Promise<Uint8Array | undefined> {
      const { value, version } = await perform(() => backend.read(this.#bucket.name, this.#key));
      this.#seen = version;
      return value;
    }

    /** @throws `cas-failed` with a handle for the next attempt, `store-error` */
    async swap(value: Uint8Array): Promise<void> {
      let outcome: SwapOutcome;
      try {
        outcome = await scope.wait(this.#swap(value));
      } catch (error) {
        const shown = guestError(error);
        throw shown === error ? error : { tag: "store-error", val: shown };
      }
      if (!outcome.swapped) throw { tag: "cas-failed", val: new Cas(this.#bucket, this.#key, outcome.version) };
    }

    async #swap(value: Uint8Array): Promise<SwapOutcome> {
      return await backend.swap(this.#bucket.name, this.#key, { seen: this.#seen, value: requireValue(value) });
    }
  }

  return {
    "wasi:keyvalue/store": {
      Bucket,
      open: (name: string) => {
        try {
          return new Bucket(requireName(name));
        } catch (error) {
          throw guestError(error);
        }
      },
    },
    "wasi:keyvalue/atomics": {
      Cas,
      increment: (bucket: Bucket, key: string, delta: bigint) =>
        perform(() => backend.increment(bucket.name, requireName(key), delta)),
      swap: (cas: Cas, value: Uint8Array) => cas.swap(value),
    },
    "wasi:keyvalue/batch": {
      getMany: (bucket: Bucket, keys: readonly string[]) =>
        perform(async () => {
          requireBatch(keys.map((key) => [requireName(key), undefined]));
          const values = await backend.readMany(bucket.name, keys);
          return keys.map((key, index) => values[index] === undefined ? undefined : [key, values[index]]);
        }),
      setMany: (bucket: Bucket, entries: readonly (readonly [string, Uint8Array])[]) =>
        perform(() => backend.write(bucket.name, requireBatch(entries))),
      deleteMany: (bucket: Bucket, keys: readonly string[]) =>
        perform(() => backend.write(bucket.name, requireBatch(keys.map((key) => [key, undefined])))),
    },
  };
}
