import fc from "fast-check";
import type { PrimitiveName } from "../binary/ast.ts";
import { camelCase } from "../plan/names.ts";
import { Thing } from "./thing.ts";
import type { WitType } from "./wit_types.ts";

/** Values of a type in the shapes of the runtime. No two handles in a value are the same. */
export function witValues(type: WitType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "primitive":
      return PRIMITIVE_VALUES[type.name]();
    case "own":
    case "borrow":
      return fc.integer().map((id) => new Thing(id));
    case "list":
      return type.of.kind === "primitive" && type.of.name in ARRAY_VALUES
        ? ARRAY_VALUES[type.of.name as keyof typeof ARRAY_VALUES]()
        : fc.array(witValues(type.of), { maxLength: 4 });
    case "option":
      return type.of.kind === "option"
        ? fc.oneof(fc.constant({ tag: "none" }), witValues(type.of).map((val) => ({ tag: "some", val })))
        : fc.oneof(fc.constant(undefined), witValues(type.of));
    case "tuple":
      return fc.tuple(...type.of.map(witValues));
    case "result":
      return fc.oneof(
        ...[type.ok, type.err].map((part, i) =>
          (part === undefined ? fc.constant(undefined) : witValues(part)).map((val) => ({
            tag: i === 0 ? "ok" : "err",
            val,
          }))
        ),
      );
    case "record":
      return fc.record(Object.fromEntries(type.fields.map((each) => [camelCase(each.name), witValues(each.type)])))
        .map(plain);
    case "variant":
      return fc.oneof(
        ...type.cases.map((each) =>
          each.type === undefined
            ? fc.constant({ tag: each.name })
            : witValues(each.type).map((val) => ({ tag: each.name, val }))
        ),
      );
    case "flags":
      return fc.record(Object.fromEntries(type.names.map((name) => [camelCase(name), fc.boolean()]))).map(plain);
    case "enum":
      return fc.constantFrom(...type.names);
  }
}

/** fast-check makes objects without a prototype now and then, which deep equality tells apart. */
function plain(value: Record<string, unknown>): Record<string, unknown> {
  return { ...value };
}

const PRIMITIVE_VALUES: Readonly<Record<PrimitiveName, () => fc.Arbitrary<unknown>>> = {
  bool: () => fc.boolean(),
  u8: () => fc.integer({ min: 0, max: 255 }),
  s8: () => fc.integer({ min: -128, max: 127 }),
  u16: () => fc.integer({ min: 0, max: 65535 }),
  s16: () => fc.integer({ min: -32768, max: 32767 }),
  u32: () => fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  s32: () => fc.integer(),
  u64: () => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  s64: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: () => fc.float(),
  f64: () => fc.double(),
  char: () => fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  string: () =>
    fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "binary-ascii" }), fc.string({ unit: latin1() })),
};

function latin1(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
}

const ARRAY_VALUES = {
  u8: () => fc.uint8Array(),
  s8: () => fc.int8Array(),
  u16: () => fc.uint16Array(),
  s16: () => fc.int16Array(),
  u32: () => fc.uint32Array(),
  s32: () => fc.int32Array(),
  u64: () => fc.bigUint64Array(),
  s64: () => fc.bigInt64Array(),
  f32: () => fc.float32Array(),
  f64: () => fc.float64Array(),
} as const;
