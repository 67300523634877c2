import { compareUtf8 } from "../utf8.ts";

/**
 * Any JSON document without loss (spec/wire.md 0.1, 0.2).
 *
 * A `bigint` is an integer literal that fits 64 bits, signed or unsigned; a `number` is every other number, so `1` and
 * `1.0` stay apart. Plain data: it survives `postMessage`.
 */
export type JsonValue = null | boolean | bigint | number | string | readonly JsonValue[] | JsonObject;

/** Members in the order they are printed. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** The least and the greatest integer JSON text can hold exactly. */
export const MIN_I64 = -(2n ** 63n);
export const MAX_I64 = 2n ** 63n - 1n;
export const MAX_U64 = 2n ** 64n - 1n;

/**
 * An object with at least one key that occurs more than once in its text; its values are the last ones.
 *
 * Only the parser makes it, and only for the decoders: maps take the last value, structs refuse (spec/wire.md 0.5).
 */
export class RepeatingJsonObject extends Map<string, JsonValue> {
  readonly repeatedKeys: Set<string> = new Set();
}

export function isJsonObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * An object with the members in the order written; `undefined` becomes null, as unset options do (spec/wire.md 0.5).
 *
 * For structs, whose names are ours: JavaScript moves names that are whole numbers to the front. Maps take `jsonMap`.
 */
export function jsonObject(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return new Map(Object.entries(members).map(([key, value]) => [key, value ?? null]));
}

/** An object with the members in UTF-8 byte order of their keys (spec/wire.md 0.3); of equal keys the last wins. */
export function jsonMap(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  return new Map([...new Map(entries)].sort(([left], [right]) => compareUtf8(left, right)));
}

/** The same document with every object, at every depth, in UTF-8 byte order of its keys (spec/wire.md 0.3). */
export function canonicalJson(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(canonicalJson);
  if (!isJsonObject(value)) return value;
  return jsonMap([...value].map(([key, member]) => [key, canonicalJson(member)]));
}
