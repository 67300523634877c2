import { utf8Bytes, WavsError } from "@/domain/mod.ts";
import type { KeyValueWrite } from "./types.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./wasi/limits.ts";

/**
 * A bucket's name, a key or a cursor, if it is not too long.
 *
 * @throws WavsError `key_value_refused`
 */
export function requireName(name: string): string {
  // A code unit is one byte at least: what is much too long is not encoded to find out.
  const bytes = name.length > MAX_KEY_BYTES ? name.length : utf8Bytes(name).length;
  if (bytes > MAX_KEY_BYTES) throw refused(`a name of ${bytes} bytes is longer than ${MAX_KEY_BYTES}`);
  return name;
}

/** @throws WavsError `key_value_refused` */
export function requireValue(value: Uint8Array): Uint8Array {
  if (value.length > MAX_VALUE_BYTES) {
    throw refused(`a value of ${value.length} bytes is larger than ${MAX_VALUE_BYTES}`);
  }
  return value;
}

/** Names, values and size of a batch. @throws WavsError `key_value_refused` */
export function requireBatch<Write extends KeyValueWrite>(writes: readonly Write[]): readonly Write[] {
  if (writes.length > MAX_BATCH_ITEMS) {
    throw refused(`a batch of ${writes.length} keys is larger than ${MAX_BATCH_ITEMS}`);
  }
  let bytes = 0;
  for (const [key, value] of writes) {
    requireName(key);
    if (value !== undefined) bytes += requireValue(value).length;
  }
  requireBatchBytes(bytes);
  return writes;
}

/** @throws WavsError `key_value_refused` */
export function requireBatchBytes(bytes: number): void {
  if (bytes > MAX_BATCH_BYTES) throw refused(`a batch of ${bytes} bytes is larger than ${MAX_BATCH_BYTES}`);
}

export function refused(why: string): WavsError {
  return new WavsError("key_value_refused", {
    message: `The key-value operation was refused because ${why}`,
    retryable: false,
  });
}
