import fc from "fast-check";
import { type PrimitiveName, PRIMITIVES } from "../binary/ast.ts";
import { TypeTable } from "../plan/type_table.ts";
import type { FlatType, TypeIndex } from "../plan/types.ts";

/** A WIT type to test with; `id` keeps the names of declared types apart. */
export type WitType =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "list" | "option"; readonly of: WitType }
  | { readonly kind: "tuple"; readonly of: readonly WitType[] }
  | { readonly kind: "result"; readonly ok: WitType | undefined; readonly err: WitType | undefined }
  | { readonly kind: "record"; readonly id: number; readonly fields: readonly WitType[] }
  | { readonly kind: "variant"; readonly id: number; readonly cases: readonly (WitType | undefined)[] }
  | { readonly kind: "flags" | "enum"; readonly id: number; readonly size: number };

/** Any type, a few levels deep. */
export function witTypes(): fc.Arbitrary<WitType> {
  const id = fc.integer({ min: 0, max: 2 ** 30 });
  const { type } = fc.letrec<{ type: WitType }>((tie) => {
    const inner = tie("type");
    const maybe = fc.option(inner, { nil: undefined });
    return {
      type: fc.oneof(
        { maxDepth: 3 },
        fc.record({ kind: fc.constant("primitive" as const), name: fc.constantFrom(...PRIMITIVES) }),
        fc.record({ kind: fc.constantFrom("list" as const, "option" as const), of: inner }),
        fc.record({ kind: fc.constant("tuple" as const), of: fc.array(inner, { minLength: 1, maxLength: 4 }) }),
        fc.record({ kind: fc.constant("result" as const), ok: maybe, err: maybe }),
        fc.record({
          kind: fc.constant("record" as const),
          id,
          fields: fc.array(inner, { minLength: 1, maxLength: 5 }),
        }),
        fc.record({
          kind: fc.constant("variant" as const),
          id,
          cases: fc.array(maybe, { minLength: 1, maxLength: 5 }),
        }),
        fc.record({ kind: fc.constant("flags" as const), id, size: fc.constantFrom(1, 8, 9, 16, 17, 32) }),
        fc.record({ kind: fc.constant("enum" as const), id, size: fc.constantFrom(1, 2, 256, 257) }),
      ),
    };
  });
  return type;
}

function fieldName(index: number): string {
  return `field-${index}`;
}

/** The type's expression in WIT; declarations it needs are added to `declarations`. */
export function witText(type: WitType, declarations: Map<string, string>): string {
  const text = (part: WitType) => witText(part, declarations);
  const declare = (name: string, keyword: string, lines: readonly string[]) => {
    declarations.set(name, `${keyword} ${name} { ${lines.join(", ")} }`);
    return name;
  };
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "list":
    case "option":
      return `${type.kind}<${text(type.of)}>`;
    case "tuple":
      return `tuple<${type.of.map(text).join(", ")}>`;
    case "result": {
      if (type.ok === undefined && type.err === undefined) return "result";
      const ok = type.ok === undefined ? "_" : text(type.ok);
      return type.err === undefined ? `result<${ok}>` : `result<${ok}, ${text(type.err)}>`;
    }
    case "record":
      return declare(`r${type.id}`, "record", type.fields.map((field, i) => `${fieldName(i)}: ${text(field)}`));
    case "variant": {
      const cases = type.cases.map((each, i) => each === undefined ? `case-${i}` : `case-${i}(${text(each)})`);
      return declare(`v${type.id}`, "variant", cases);
    }
    case "flags":
    case "enum": {
      const names = Array.from({ length: type.size }, (_, i) => fieldName(i));
      return declare(`${type.kind.charAt(0)}${type.id}`, type.kind, names);
    }
  }
}

/** Values of a type in the shapes of the runtime. */
export function witValues(type: WitType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "primitive":
      return PRIMITIVE_VALUES[type.name]();
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
      return fc.record(Object.fromEntries(type.fields.map((field, i) => [`field${i}`, witValues(field)]))).map(plain);
    case "variant":
      return fc.oneof(
        ...type.cases.map((each, i) =>
          each === undefined
            ? fc.constant({ tag: `case-${i}` })
            : witValues(each).map((val) => ({ tag: `case-${i}`, val }))
        ),
      );
    case "flags":
      return fc.record(Object.fromEntries(Array.from({ length: type.size }, (_, i) => [`field${i}`, fc.boolean()])))
        .map(plain);
    case "enum":
      return fc.integer({ min: 0, max: type.size - 1 }).map(fieldName);
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

/** The core values a type's parameter is passed in; more than 16 become one pointer. */
export function flatParams(type: WitType): readonly FlatType[] {
  const table = new TypeTable();
  const flat = table.types[addType(type, table)]?.layout.flat ?? [];
  return flat.length > 16 ? ["i32"] : flat;
}

function addType(type: WitType, table: TypeTable): TypeIndex {
  const add = (part: WitType) => addType(part, table);
  const maybe = (part: WitType | undefined) => part === undefined ? undefined : add(part);
  switch (type.kind) {
    case "primitive":
      return table.primitive(type.name);
    case "list":
      return table.add({ kind: "list", element: add(type.of) });
    case "option":
      return table.add({ kind: "option", some: add(type.of) });
    case "tuple":
      return table.add({ kind: "tuple", elements: type.of.map(add) });
    case "result":
      return table.add({ kind: "result", ok: maybe(type.ok), err: maybe(type.err) });
    case "record":
      return table.add({ kind: "record", fields: type.fields.map((each, i) => ({ name: `f${i}`, type: add(each) })) });
    case "variant":
      return table.add({ kind: "variant", cases: type.cases.map((each, i) => ({ name: `c${i}`, type: maybe(each) })) });
    case "flags":
    case "enum":
      return table.add({ kind: type.kind, names: Array.from({ length: type.size }, (_, i) => `n${i}`) });
  }
}
