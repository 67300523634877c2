import type { LogFields, LogLevel } from "@/context/mod.ts";
import type { ErrorMeta, SerializedError } from "@/domain/errors.ts";
import { MAX_LOG_FIELDS, MAX_LOG_TEXT_CHARS } from "./limits.ts";
import type { SecretFilter } from "./secrets.ts";

/** A log record with every text filtered and bounded, ready to be laid out. */
export interface LogRecord {
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly module: string;
  readonly message: string;
  readonly fields: readonly (readonly [string, LogValue])[];
  /** Fields beyond {@link MAX_LOG_FIELDS}. */
  readonly droppedFields: number;
}

export type LogValue = string | number | bigint | boolean | SerializedError;

export interface RawRecord {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly module: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Filters secrets out of a record and cuts what is too long; the filter goes first, or it would miss halves. */
export function cleanRecord(raw: RawRecord, secrets: SecretFilter): LogRecord {
  const all = Object.entries(raw.fields).filter((entry): entry is [string, LogValue] => entry[1] !== undefined);
  const clean = (text: string) => cut(secrets.redact(text));
  return {
    timeMs: raw.timeMs,
    level: raw.level,
    module: raw.module,
    message: clean(raw.message),
    fields: all.slice(0, MAX_LOG_FIELDS).map(([name, value]) => [clean(name), cleanValue(value, clean)] as const),
    droppedFields: Math.max(0, all.length - MAX_LOG_FIELDS),
  };
}

function cleanValue(value: LogValue, clean: (text: string) => string): LogValue {
  if (typeof value === "string") return clean(value);
  return typeof value === "object" ? cleanError(value, clean) : value;
}

function cleanError(error: SerializedError, clean: (text: string) => string): SerializedError {
  return {
    code: clean(error.code),
    message: clean(error.message),
    retryable: error.retryable,
    meta: cleanMeta(error.meta, clean),
    ...(error.cause === undefined ? {} : { cause: cleanError(error.cause, clean) }),
  };
}

function cleanMeta(meta: ErrorMeta, clean: (text: string) => string): ErrorMeta {
  const entries = Object.entries(meta).slice(0, MAX_LOG_FIELDS);
  return Object.fromEntries(
    entries.map(([name, value]) => [clean(name), typeof value === "string" ? clean(value) : value]),
  );
}

function cut(text: string): string {
  return text.length > MAX_LOG_TEXT_CHARS ? `${text.slice(0, MAX_LOG_TEXT_CHARS)}…` : text;
}
