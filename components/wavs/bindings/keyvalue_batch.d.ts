import type { Bucket } from "./keyvalue_store.d.ts";

declare const batch: {
  getMany(bucket: Bucket, keys: readonly string[]): readonly (readonly [key: string, value: Uint8Array] | null)[];
  setMany(bucket: Bucket, entries: readonly (readonly [key: string, value: Uint8Array])[]): void;
  deleteMany(bucket: Bucket, keys: readonly string[]): void;
};
export default batch;
