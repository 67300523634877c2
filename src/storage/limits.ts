/** Keys one page of a listing holds; the next page starts at the answer's cursor. */
export const KEY_PAGE_SIZE = 1_000;

/** What services may keep. At each limit the write is refused with `key_value_refused`, which the guest can handle. */
export interface KeyValueLimits {
  /** Values and counters of one service. */
  readonly maxKeys: number;
  /** Bytes of buckets, keys and values of one service. */
  readonly maxBytes: number;
  /** Values and counters one execution writes. */
  readonly maxWrittenKeys: number;
  /** Bytes one execution writes. */
  readonly maxWrittenBytes: number;
  /** Bytes all executions under way have written together. */
  readonly maxUncommittedBytes: number;
}

/**
 * Defaults: far above what the known components keep. Why: the disk is the node's, and what an execution writes is held
 * in the main isolate's memory until it ends.
 */
export const KEY_VALUE_LIMITS: KeyValueLimits = {
  maxKeys: 100_000,
  maxBytes: 256 * 1024 * 1024,
  maxWrittenKeys: 10_000,
  maxWrittenBytes: 8 * 1024 * 1024,
  maxUncommittedBytes: 128 * 1024 * 1024,
};
