import type { LogLevel } from "@/context/mod.ts";
import type { SerializedError } from "@/domain/errors.ts";
import { escapeControls } from "./escape.ts";
import { MAX_LOG_LINE_CHARS } from "./limits.ts";
import type { LogRecord, LogValue } from "./record.ts";

const RESET = "\x1b[0m";
const DIM = "\x1b[2m";
const LEVEL_COLORS: Readonly<Record<LogLevel, string>> = {
  error: "\x1b[31m",
  warn: "\x1b[33m",
  info: "\x1b[32m",
  debug: "\x1b[36m",
  trace: "\x1b[2m",
};

export interface PrettyOptions {
  /** Whether to use terminal colours. */
  readonly color: boolean;
}

/**
 * One record for a person: time (UTC), level, module, message, fields; each error on lines of its own.
 *
 *     12:34:56.789 WARN  triggers.evm  Reorganisation of 2 blocks  chain=evm:31337 depth=2
 */
export function formatPretty(record: LogRecord, options: PrettyOptions): string {
  const paint = (color: string, text: string) => (options.color ? `${color}${text}${RESET}` : text);
  const time = new Date(record.timeMs).toISOString().slice(11, 23);
  const head = [
    paint(DIM, time),
    paint(LEVEL_COLORS[record.level], record.level.toUpperCase().padEnd(5)),
    ...(record.module === "" ? [] : [paint(DIM, escapeControls(record.module))]),
    escapeControls(record.message),
  ].join(" ");
  const tail: string[] = [];
  const errors: string[] = [];
  let chars = head.length;
  let dropped = record.droppedFields;
  for (const [name, value] of record.fields) {
    const text = isError(value) ? errorLines(name, value) : `${paint(DIM, `${escapeControls(name)}=`)}${plain(value)}`;
    if (chars + text.length + 1 > MAX_LOG_LINE_CHARS) {
      dropped++;
      continue;
    }
    (isError(value) ? errors : tail).push(text);
    chars += text.length + 1;
  }
  if (dropped > 0) tail.push(paint(DIM, `(${dropped} more fields)`));
  return [[head, ...tail].join(" "), ...errors].join("\n");
}

function isError(value: LogValue): value is SerializedError {
  return typeof value === "object";
}

function plain(value: Exclude<LogValue, SerializedError>): string {
  if (typeof value !== "string") return String(value);
  const text = escapeControls(value);
  return /^[^\s"=]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

function errorLines(name: string, error: SerializedError): string {
  const line = `    ${escapeControls(name)}: ${escapeControls(error.message)} (${escapeControls(error.code)})`;
  return error.cause === undefined ? line : `${line}\n${errorLines("because", error.cause)}`;
}
