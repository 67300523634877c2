/** What a shard is told, as its one argument. */
export interface ShardOrder {
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  /** The index after the last case. */
  readonly end: number;
  readonly timeoutMs: number;
}

/** Cases between two signs of life. */
export const CASES_PER_REPORT = 100;

/** A line a shard prints: a sign of life with what came of the cases so far, or bytes that break a promise. */
export type ShardReport =
  | { readonly kind: "progress"; readonly next: number; readonly outcomes: Readonly<Record<string, number>> }
  | { readonly kind: "finding"; readonly finding: Finding };

export interface Finding {
  readonly index: number;
  readonly what: string;
  /** The input, in hexadecimal digits; absent when the case did not come back. */
  readonly hex?: string;
}
