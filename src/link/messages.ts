import { LOG_LEVELS, type LogFields, type LogLevel } from "@/context/mod.ts";
import type { SerializedError } from "@/domain/errors.ts";
import { MAX_LOG_TEXT_CHARS, MAX_NAME_CHARS } from "./limits.ts";
import type { LinkMessage } from "./types.ts";

/** How deep the causes of an error may go; `serializeError` keeps fewer. */
const MAX_CAUSES = 8;

/**
 * What came over a port, if it is a message of a link. The other side may be a worker that a guest has taken over, so
 * nothing about it is believed: what is let through has the shape its type says, save for arguments and results, which
 * are for their methods to check.
 */
export function readMessage(data: unknown): LinkMessage | undefined {
  return isRecord(data) && hasShape(data) ? data as unknown as LinkMessage : undefined;
}

/** Whether this is an error as `serializeError` makes it. */
export function isSerializedError(data: unknown, depth = 0): data is SerializedError {
  if (!isRecord(data) || depth > MAX_CAUSES) return false;
  const { code, message, retryable, meta, cause } = data;
  return typeof code === "string" && typeof message === "string" && typeof retryable === "boolean" &&
    isRecord(meta) && Object.values(meta).every((value) => value === null || isScalar(value)) &&
    (cause === undefined || isSerializedError(cause, depth + 1));
}

/** The fields of a log record, none of their texts longer than it may be. */
export function boundedFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? boundedText(value) : value]),
  );
}

export function boundedText(text: string): string {
  return text.length > MAX_LOG_TEXT_CHARS ? `${text.slice(0, MAX_LOG_TEXT_CHARS)}…` : text;
}

function hasShape(data: Readonly<Record<string, unknown>>): boolean {
  switch (data.type) {
    case "hello":
      return isCount(data.credit);
    case "call":
      return isCount(data.id) && isName(data.method);
    case "cancel":
    case "ping":
    case "pong":
    case "return":
      return isCount(data.id);
    case "throw":
      return isCount(data.id) && isSerializedError(data.error);
    case "level":
      return isLevel(data.level);
    case "log":
      return isLevel(data.level) && isName(data.module) &&
        typeof data.message === "string" && areFields(data.fields);
    default:
      return false;
  }
}

function areFields(fields: unknown): fields is LogFields {
  return isRecord(fields) &&
    Object.values(fields).every((value) => value === undefined || isScalar(value) || isSerializedError(value));
}

/** A plain object: what was copied across a port is one, or an array, or an object of the platform. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_CHARS;
}

function isLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.some((level) => level === value);
}

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return ["string", "number", "bigint", "boolean"].includes(typeof value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
