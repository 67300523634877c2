export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before try number `attempt` (1 is the first retry): doubling, capped, with ±25 % jitter so that
 * many waiters do not come back together.
 */
export function backoffMs(options: BackoffOptions, attempt: number, random: () => number): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  const delayMs = Math.min(options.maxMs, options.baseMs * 2 ** doublings);
  return Math.round(delayMs * (0.75 + random() / 2));
}
