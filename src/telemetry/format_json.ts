import type { ErrorMeta, SerializedError } from "@/domain/errors.ts";
import { quoteJson } from "./escape.ts";
import { MAX_LOG_LINE_CHARS } from "./limits.ts";
import type { LogRecord, LogValue } from "./record.ts";

/** Members every line has; a field of the same name gets an underscore. */
const RESERVED_NAMES = new Set(["ts", "level", "msg", "module", "dropped_fields"]);

/** Room kept for the closing `"dropped_fields":…`. */
const TAIL_CHARS = 40;

/**
 * One record as one line of JSON: `{"ts":…,"level":…,"msg":…,"module":…, fields…}`.
 *
 * Integers keep all their digits; what no longer fits in {@link MAX_LOG_LINE_CHARS} is counted in `dropped_fields`.
 */
export function formatJson(record: LogRecord): string {
  const members = [
    member("ts", new Date(record.timeMs).toISOString()),
    member("level", record.level),
    member("msg", record.message),
    ...(record.module === "" ? [] : [member("module", record.module)]),
  ];
  let chars = members.reduce((sum, text) => sum + text.length + 1, 2);
  let dropped = record.droppedFields;
  for (const [name, value] of record.fields) {
    const text = member(RESERVED_NAMES.has(name) ? `${name}_` : name, value);
    if (chars + text.length + 1 + TAIL_CHARS > MAX_LOG_LINE_CHARS) {
      dropped++;
      continue;
    }
    members.push(text);
    chars += text.length + 1;
  }
  if (dropped > 0) members.push(member("dropped_fields", dropped));
  return `{${members.join(",")}}`;
}

function member(name: string, value: LogValue): string {
  return `${quoteJson(name)}:${printValue(value)}`;
}

function printValue(value: LogValue | null): string {
  switch (typeof value) {
    case "string":
      return quoteJson(value);
    case "number":
      return Number.isFinite(value) ? String(value) : quoteJson(String(value));
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : printError(value);
  }
}

function printError(error: SerializedError): string {
  const members = [
    member("code", error.code),
    member("message", error.message),
    member("retryable", error.retryable),
    ...(Object.keys(error.meta).length === 0 ? [] : [`"meta":${printMeta(error.meta)}`]),
    ...(error.cause === undefined ? [] : [`"cause":${printError(error.cause)}`]),
  ];
  return `{${members.join(",")}}`;
}

function printMeta(meta: ErrorMeta): string {
  return `{${Object.entries(meta).map(([name, value]) => `${quoteJson(name)}:${printValue(value)}`).join(",")}}`;
}
