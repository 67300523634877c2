import type { Bucket } from "./keyvalue_store.d.ts";

/** Remembers the value it was made with, or showed last. */
export interface Cas {
  current(): Uint8Array | null;
  [Symbol.dispose](): void;
}

declare const atomics: {
  Cas: { new: (bucket: Bucket, key: string) => Cas };
  increment(bucket: Bucket, key: string, delta: number): number;
  /** Consumes `cas`. Throws the variant `cas-error` as `payload` of the error. */
  swap(cas: Cas, value: Uint8Array): void;
};
export default atomics;
