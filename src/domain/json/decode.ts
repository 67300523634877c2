import { WavsError } from "../errors.ts";
import { sortedUtf8 } from "../utf8.ts";
import { invalidAt, type JsonPath, ROOT_PATH } from "./path.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  MAX_I64,
  MAX_U64,
  MIN_I64,
  RepeatingJsonObject,
} from "./value.ts";

/**
 * Turns JSON into a `T` or says where and why it cannot (spec/wire.md 0.4, 0.5).
 *
 * Callable as it is: `decodeService(json)`. The path is for decoders that contain others.
 *
 * @throws WavsError `invalid_value`, its message naming the path: `Cannot read "workflows.default.trigger": expected …`
 */
export type Decoder<T> = (value: JsonValue, path?: JsonPath) => T;

/** What a decoder yields. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** A member of a struct that may be missing. */
export interface OptionalField<T> {
  readonly decode: Decoder<T>;
  readonly whenAbsent: () => T;
}

type Fields = Readonly<Record<string, Decoder<unknown> | OptionalField<unknown>>>;
type FieldValue<F> = F extends Decoder<infer T> ? T : F extends OptionalField<infer T> ? T : never;
type Struct<F extends Fields> = { readonly [Key in keyof F]: FieldValue<F[Key]> };

/** Any JSON, as it is. */
export function json(value: JsonValue): JsonValue {
  return value;
}

export function string(value: JsonValue, path: JsonPath = ROOT_PATH): string {
  if (typeof value !== "string") throw invalidAt(path, "a string", value);
  return value;
}

export function bool(value: JsonValue, path: JsonPath = ROOT_PATH): boolean {
  if (typeof value !== "boolean") throw invalidAt(path, "true or false", value);
  return value;
}

/** An integer within bounds; `1.0` and `"1"` are none (spec/wire.md 0.2). */
export function integer(min: bigint, max: bigint): Decoder<bigint> {
  return (value, path = ROOT_PATH) => {
    if (typeof value !== "bigint" || value < min || value > max) {
      throw invalidAt(path, `an integer from ${min} to ${max}`, value);
    }
    return value;
  };
}

const MAX_U32 = 2n ** 32n - 1n;

export const u64: Decoder<bigint> = integer(0n, MAX_U64);
export const i64: Decoder<bigint> = integer(MIN_I64, MAX_I64);
export const nonZeroU64: Decoder<bigint> = integer(1n, MAX_U64);
export const u32: Decoder<number> = mapped(integer(0n, MAX_U32), Number);
export const nonZeroU32: Decoder<number> = mapped(integer(1n, MAX_U32), Number);

/** A float; integers are taken too, as the other implementation does. */
export function float(value: JsonValue, path: JsonPath = ROOT_PATH): number {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") throw invalidAt(path, "a number", value);
  return Number(value);
}

/** An array of numbers 0..255. */
export function byteArray(value: JsonValue, path: JsonPath = ROOT_PATH): Uint8Array {
  if (!isJsonArray(value)) throw invalidAt(path, "an array of bytes", value);
  const bytes = new Uint8Array(value.length);
  for (const [index, item] of value.entries()) {
    if (typeof item !== "bigint" || item < 0n || item > 255n) {
      throw invalidAt({ parent: path, key: index }, "a byte from 0 to 255", item);
    }
    bytes[index] = Number(item);
  }
  return bytes;
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Decoder<Word> {
  const expected = words.map((word) => `"${word}"`).join(" or ");
  return (value, path = ROOT_PATH) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw invalidAt(path, expected, value);
    return word;
  };
}

/** A string with a grammar: `parsed(parseChainKey)`. What `parse` says it expected is said for the path. */
export function parsed<T>(parse: (text: string) => T): Decoder<T> {
  return (value, path = ROOT_PATH) => {
    const text = string(value, path);
    try {
      return parse(text);
    } catch (error) {
      const expected = error instanceof WavsError ? error.meta.expected : undefined;
      if (typeof expected !== "string") throw error;
      throw invalidAt(path, expected, value, error);
    }
  };
}

/** What `decode` yields, turned into something else. */
export function mapped<T, U>(decode: Decoder<T>, map: (value: T) => U): Decoder<U> {
  return (value, path) => map(decode(value, path));
}

/** `first`, or what `second` makes of it when `first` refuses; the error is that of `second`. */
export function either<T, U>(first: Decoder<T>, second: Decoder<U>): Decoder<T | U> {
  return (value, path) => {
    try {
      return first(value, path);
    } catch (error) {
      if (!(error instanceof WavsError)) throw error;
      return second(value, path);
    }
  };
}

export function array<T>(decode: Decoder<T>): Decoder<readonly T[]> {
  return (value, path = ROOT_PATH) => {
    if (!isJsonArray(value)) throw invalidAt(path, "an array", value);
    return value.map((item, index) => decode(item, { parent: path, key: index }));
  };
}

/** A set of strings: sorted by their UTF-8 bytes, each once (spec/wire.md 0.3). */
export const stringSet: Decoder<readonly string[]> = mapped(array(string), sortedUtf8);

/** A map in UTF-8 byte order of its keys; of a repeated key the last value counts (spec/wire.md 0.3, 0.5). */
export function map<K extends string, V>(key: (text: string) => K, value: Decoder<V>): Decoder<ReadonlyMap<K, V>> {
  const decodeKey = parsed(key);
  return (json, path = ROOT_PATH) => {
    const members = objectAt(json, path);
    const entries = sortedUtf8(members.keys()).map((name): [K, V] => {
      const memberPath = { parent: path, key: name };
      return [decodeKey(name, memberPath), value(members.get(name) ?? null, memberPath)];
    });
    return new Map(entries);
  };
}

/** A struct member that may be absent or null, both `undefined`. */
export function optional<T>(decode: Decoder<T>): OptionalField<T | undefined> {
  return { decode: nullable(decode), whenAbsent: () => undefined };
}

/** A struct member with a default for when it is absent; null is refused. */
export function withDefault<T>(decode: Decoder<T>, value: NoInfer<T>): OptionalField<T> {
  return { decode, whenAbsent: () => value };
}

/** Null as `undefined`. */
export function nullable<T>(decode: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => value === null ? undefined : decode(value, path);
}

/** A struct: unknown members are ignored, a repeated known one is an error (spec/wire.md 0.5). */
export function object<F extends Fields>(fields: F): Decoder<Struct<F>> {
  const names = Object.entries(fields);
  return (value, path = ROOT_PATH) => {
    const members = objectAt(value, path);
    const entries = names.map(([name, field]) => [name, member(members, path, name, field)]);
    // The entries are those of `fields`, each made by its own decoder.
    return Object.fromEntries(entries) as Struct<F>;
  };
}

function member(
  members: JsonObject,
  parent: JsonPath,
  name: string,
  field: Decoder<unknown> | OptionalField<unknown>,
): unknown {
  const path = { parent, key: name };
  if (members instanceof RepeatingJsonObject && members.repeatedKeys.has(name)) {
    throw invalidAt(path, "the field once, not repeated");
  }
  const value = members.get(name);
  if (value !== undefined) return typeof field === "function" ? field(value, path) : field.decode(value, path);
  if (typeof field === "function") throw invalidAt(path, "the field to be present");
  return field.whenAbsent();
}

function objectAt(value: JsonValue, path: JsonPath): JsonObject {
  if (!isJsonObject(value)) throw invalidAt(path, "an object", value);
  return value;
}

/** A variant without payload: `"name"` or `{"name": null}`. */
export interface UnitVariant<T> {
  readonly unit: T;
}

export function unit<const T>(value: T): UnitVariant<T> {
  return { unit: value };
}

/**
 * An externally tagged enum (spec/wire.md 0.4): a variant with payload is `{"name": payload}`, one without is `"name"`.
 *
 * Names are case-sensitive; an object with more than one key is an error.
 */
export function tagged<T>(variants: Readonly<Record<string, Decoder<T> | UnitVariant<T>>>): Decoder<T> {
  const byName = new Map(Object.entries(variants));
  const expected = `one of ${[...byName.keys()].map((name) => `"${name}"`).join(", ")}`;
  return (value, path = ROOT_PATH) => {
    const [name, payload] = isJsonObject(value) ? onlyMember(value, path) : [value, undefined];
    const variant = typeof name === "string" ? byName.get(name) : undefined;
    if (variant === undefined) throw invalidAt(path, expected, name);
    const variantPath = { parent: path, key: String(name) };
    if (typeof variant === "function") {
      if (payload === undefined) throw invalidAt(path, `{"${name}": …}`, value);
      return variant(payload, variantPath);
    }
    if (payload !== undefined && payload !== null) throw invalidAt(variantPath, "null", payload);
    return variant.unit;
  };
}

function onlyMember(members: JsonObject, path: JsonPath): readonly [string, JsonValue] {
  const [first, ...others] = members;
  if (first === undefined || others.length > 0 || members instanceof RepeatingJsonObject) {
    throw invalidAt(path, "an object with exactly one key", members);
  }
  return first;
}
