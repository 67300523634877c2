import { type ErrorMeta, WavsError } from "../errors.ts";
import { MAX_QUOTED_CHARS } from "../limits.ts";
import { isJsonArray, type JsonValue } from "./value.ts";

/** Where in a document a value stands; the root has no key. */
export interface JsonPath {
  readonly parent: JsonPath | undefined;
  readonly key: string | number;
}

export const ROOT_PATH: JsonPath = { parent: undefined, key: "" };

/** `workflows.default.trigger`, `signers[2]`; the root is empty. */
export function describePath(path: JsonPath): string {
  if (path.parent === undefined) return "";
  const before = describePath(path.parent);
  if (typeof path.key === "number") return `${before}[${path.key}]`;
  return before === "" ? path.key : `${before}.${path.key}`;
}

/** The error for a value that is not what the decoder at `path` reads. */
export function invalidAt(path: JsonPath, expected: string, found?: JsonValue, cause?: unknown): WavsError {
  const where = describePath(path);
  const meta: ErrorMeta = { path: where, expected };
  const subject = where === "" ? "the JSON value" : `"${where}"`;
  return new WavsError("invalid_value", {
    message: `Cannot read ${subject}: expected ${expected}${found === undefined ? "" : `, found ${describe(found)}`}`,
    retryable: false,
    meta,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error for a text that does not follow the grammar of an id, address or number. */
export function invalidText(expected: string, text: string, cause?: unknown): WavsError {
  return new WavsError("invalid_value", {
    message: `Cannot read ${quote(text)}: expected ${expected}`,
    retryable: false,
    meta: { expected },
    ...(cause === undefined ? {} : { cause }),
  });
}

function describe(value: JsonValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `the integer ${value}`;
  if (typeof value === "number") return `the float ${value}`;
  return isJsonArray(value) ? "an array" : "an object";
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text);
}
