import { componentTooLarge, unsupportedComponent } from "../errors.ts";
import { MAX_NESTING } from "../limits.ts";
import type { CaseSyntax, Declaration, LabelledType, PrimitiveName, TypeSyntax, ValueTypeSyntax } from "./ast.ts";
import { readCoreType } from "./core_type.ts";
import type { BinaryReader } from "./reader.ts";
import { readAlias, readExtern, readExternName } from "./sorts.ts";

const PRIMITIVE_CODES: ReadonlyMap<number, PrimitiveName> = new Map([
  [0x7f, "bool"],
  [0x7e, "s8"],
  [0x7d, "u8"],
  [0x7c, "s16"],
  [0x7b, "u16"],
  [0x7a, "s32"],
  [0x79, "u32"],
  [0x78, "s64"],
  [0x77, "u64"],
  [0x76, "f32"],
  [0x75, "f64"],
  [0x74, "char"],
  [0x73, "string"],
]);

/** Type constructors that are well formed and refused, by what a person would call them. */
const REFUSED_TYPES: ReadonlyMap<number, string> = new Map([
  [0x67, "fixed-length lists"],
  [0x66, "streams (WASI 0.3)"],
  [0x65, "futures (WASI 0.3)"],
  [0x64, "error contexts (WASI 0.3)"],
  [0x63, "maps"],
  [0x43, "asynchronous functions (WASI 0.3)"],
  [0x3e, "asynchronous resource destructors (WASI 0.3)"],
]);

/** One entry of a type section. `depth` counts the instance and component types around it. */
export function readType(reader: BinaryReader, depth = 0): TypeSyntax {
  if (depth > MAX_NESTING) throw componentTooLarge("levels of nested types", MAX_NESTING);
  const code = reader.byte();
  const primitive = PRIMITIVE_CODES.get(code);
  if (primitive !== undefined) return { kind: "alias", type: { kind: "primitive", name: primitive } };
  switch (code) {
    case 0x72:
      return { kind: "record", fields: reader.vector(() => readLabelledType(reader)) };
    case 0x71:
      return { kind: "variant", cases: reader.vector(() => readCase(reader)) };
    case 0x70:
      return { kind: "list", element: readValueType(reader) };
    case 0x6f:
      return { kind: "tuple", elements: reader.vector(() => readValueType(reader)) };
    case 0x6e:
      return { kind: "flags", names: reader.vector(() => reader.name()) };
    case 0x6d:
      return { kind: "enum", names: reader.vector(() => reader.name()) };
    case 0x6b:
      return { kind: "option", some: readValueType(reader) };
    case 0x6a:
      return {
        kind: "result",
        ok: reader.optional(() => readValueType(reader)),
        err: reader.optional(() => readValueType(reader)),
      };
    case 0x69:
      return { kind: "own", resource: reader.u32() };
    case 0x68:
      return { kind: "borrow", resource: reader.u32() };
    case 0x40:
      return readFunctionType(reader);
    case 0x41:
      return { kind: "component", declarations: reader.vector(() => readDeclaration(reader, depth + 1)) };
    case 0x42:
      return { kind: "instance", declarations: reader.vector(() => readDeclaration(reader, depth + 1)) };
    case 0x3f:
      reader.expect(0x7f, "a resource represented by i32");
      return { kind: "resource", destructor: reader.optional(() => reader.u32()) };
    default:
      return refuseType(reader, code);
  }
}

function refuseType(reader: BinaryReader, code: number): never {
  const refused = REFUSED_TYPES.get(code);
  if (refused !== undefined) throw unsupportedComponent(refused);
  return reader.fail(`unknown type constructor 0x${code.toString(16)}`);
}

function readValueType(reader: BinaryReader): ValueTypeSyntax {
  const code = reader.peek();
  const primitive = PRIMITIVE_CODES.get(code);
  if (primitive !== undefined) {
    reader.byte();
    return { kind: "primitive", name: primitive };
  }
  if (code >= 0x40 && code < 0x80) return refuseType(reader, code);
  return { kind: "index", index: reader.typeIndex() };
}

function readLabelledType(reader: BinaryReader): LabelledType {
  return { name: reader.name(), type: readValueType(reader) };
}

function readCase(reader: BinaryReader): CaseSyntax {
  const name = reader.name();
  const type = reader.optional(() => readValueType(reader));
  reader.expect(0x00, "the end of a variant case");
  return { name, type };
}

function readFunctionType(reader: BinaryReader): TypeSyntax {
  const params = reader.vector(() => readLabelledType(reader));
  if (reader.byte() === 0) return { kind: "function", params, result: readValueType(reader) };
  reader.expect(0x00, "a function without named results");
  return { kind: "function", params, result: undefined };
}

function readDeclaration(reader: BinaryReader, depth: number): Declaration {
  switch (reader.byte()) {
    case 0x00:
      readCoreType(reader);
      return { kind: "core type" };
    case 0x01:
      return { kind: "type", type: readType(reader, depth) };
    case 0x02:
      return { kind: "alias", alias: readAlias(reader) };
    case 0x03:
      return { kind: "import", name: readExternName(reader), extern: readExtern(reader) };
    case 0x04:
      return { kind: "export", name: readExternName(reader), extern: readExtern(reader) };
    default:
      return reader.fail("unknown declaration");
  }
}
