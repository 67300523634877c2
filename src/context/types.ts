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

/** A worker as whoever looks after all of them knows it. */
export interface KeptWorker {
  readonly name: string;
  /** Resolves once its event loop has answered; rejects when it does not before `signal` aborts, or has ended. */
  alive(signal: AbortSignal): Promise<void>;
  /** Lets it say no more than this from now on. */
  setLogLevel(level: LogLevel): void;
}

/** The workers that run at this moment, for what concerns them all. */
export interface WorkerRoster {
  /** What workers may say by now; `undefined` leaves it at what each was to be started with. */
  readonly logLevel: LogLevel | undefined;
  /** @returns what takes it off again */
  add(worker: KeptWorker): () => void;
}

/**
 * What every part of the node is given instead of globals.
 *
 * `signal` aborts when the node shuts down. `random` is uniform in [0, 1) and good enough for jitter only. `workers` is
 * there where workers are started from.
 */
export interface Context {
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly workers?: WorkerRoster;
}
