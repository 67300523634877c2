import atomics from "wasi:keyvalue/atomics@0.2.0-draft2";
import store from "wasi:keyvalue/store@0.2.0-draft2";

/** Values and counters of the service, shared by all its workflows; they outlive the execution. */
export interface Bucket {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  /** Adds to a counter and returns the new value. Counters are apart from values of the same key. */
  increment(key: string, delta: number): number;
}

export function openBucket(name: string): Bucket {
  const bucket = store.open(name);
  return {
    get: (key) => bucket.get(key) ?? undefined,
    set: (key, value) => bucket.set(key, value),
    delete: (key) => bucket.delete(key),
    increment: (key, delta) => atomics.increment(bucket, key, delta),
  };
}
