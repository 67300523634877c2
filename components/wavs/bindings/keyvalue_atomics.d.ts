import type { Bucket } from "./keyvalue_store.d.ts";

declare const atomics: {
  increment(bucket: Bucket, key: string, delta: number): number;
};
export default atomics;
