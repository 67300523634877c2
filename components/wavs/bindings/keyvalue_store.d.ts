export interface Bucket {
  get(key: string): Uint8Array | null;
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  exists(key: string): boolean;
  listKeys(cursor: string | null): { keys: string[]; cursor: string | null };
}

declare const store: {
  open(identifier: string): Bucket;
};
export default store;
