import { MemoryDatastore } from "datastore-core/memory";
import type { Key } from "interface-datastore/key";
import type { AbortOptions } from "@libp2p/interface";
import { MAX_STORED_ENTRIES, MAX_STORED_ENTRY_BYTES } from "../limits.ts";

/**
 * Where the library keeps peers, and what others have it keep for the Kademlia table. Anybody may add to it, so it
 * forgets the oldest entries.
 */
export class BoundedDatastore extends MemoryDatastore {
  /** As they were put, the oldest first. */
  readonly #order = new Map<string, Key>();

  override put(key: Key, value: Uint8Array, options?: AbortOptions): Key {
    if (value.length > MAX_STORED_ENTRY_BYTES) throw new Error(`an entry of ${value.length} bytes is too long`);
    const name = key.toString();
    this.#order.delete(name);
    this.#order.set(name, key);
    const [oldest] = this.#order;
    if (oldest !== undefined && this.#order.size > MAX_STORED_ENTRIES) this.delete(oldest[1]);
    return super.put(key, value, options) as Key;
  }

  override delete(key: Key, options?: AbortOptions): void {
    this.#order.delete(key.toString());
    void super.delete(key, options);
  }
}
