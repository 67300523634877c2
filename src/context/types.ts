import type { SerializedError } from "@/domain/errors.ts";

/** Severities, most severe first; what each means is in `src/telemetry/log.ts`. */
export const LOG_LEVELS = ["error", "warn", "info", "debug", "trace"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values a log record may carry. Secrets never become one. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined | SerializedError>>;

/** Writes structured records; `child` adds a module to the path (`triggers.evm`). */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
  child(module: string): Logger;
}

/** Time as the node sees it; tests put their own in. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since an arbitrary start, never going back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects: the caller looks at its signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * What every part of the node is given instead of globals.
 *
 * `signal` aborts when the node shuts down. `random` is uniform in [0, 1) and good enough for jitter only.
 */
export interface Context {
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
}
