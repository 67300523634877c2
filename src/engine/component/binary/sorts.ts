import { unsupportedComponent } from "../errors.ts";
import type { AliasSyntax, CoreSort, ExternSyntax, NamedReference, Sort } from "./ast.ts";
import type { BinaryReader } from "./reader.ts";

const CORE_SORTS: ReadonlyMap<number, CoreSort> = new Map([
  [0x00, "core function"],
  [0x01, "core table"],
  [0x02, "core memory"],
  [0x03, "core global"],
  [0x10, "core type"],
  [0x11, "core module"],
  [0x12, "core instance"],
]);

const COMPONENT_SORTS: ReadonlyMap<number, Sort> = new Map([
  [0x01, "function"],
  [0x03, "type"],
  [0x04, "component"],
  [0x05, "instance"],
]);

const VALUE_SORT = 0x02;
const CORE_TAG_SORT = 0x04;

export function readCoreSort(reader: BinaryReader): CoreSort {
  const code = reader.byte();
  if (code === CORE_TAG_SORT) throw unsupportedComponent("exceptions");
  return CORE_SORTS.get(code) ?? reader.fail("unknown core sort");
}

export function readSort(reader: BinaryReader): Sort {
  const code = reader.byte();
  if (code === 0) return readCoreSort(reader);
  if (code === VALUE_SORT) throw unsupportedComponent("component-level values");
  return COMPONENT_SORTS.get(code) ?? reader.fail("unknown sort");
}

/** An import or export name. A version suffix (form 2) belongs to no released tool. */
export function readExternName(reader: BinaryReader): string {
  const form = reader.byte();
  if (form > 1) throw unsupportedComponent("import names with a version suffix");
  return reader.name();
}

export function readExtern(reader: BinaryReader): ExternSyntax {
  switch (reader.byte()) {
    case 0x00:
      reader.expect(0x11, "a core module");
      return { kind: "module", type: reader.u32() };
    case 0x01:
      return { kind: "function", type: reader.u32() };
    case 0x02:
      throw unsupportedComponent("component-level values");
    case 0x03:
      return readTypeBound(reader);
    case 0x04:
      return { kind: "component", type: reader.u32() };
    case 0x05:
      return { kind: "instance", type: reader.u32() };
    default:
      return reader.fail("unknown kind of import or export");
  }
}

function readTypeBound(reader: BinaryReader): ExternSyntax {
  const bound = reader.byte();
  if (bound > 1) reader.fail("unknown type bound");
  return { kind: "type", equals: bound === 0 ? reader.u32() : undefined };
}

export function readAlias(reader: BinaryReader): AliasSyntax {
  const sort = readSort(reader);
  switch (reader.byte()) {
    case 0x00:
      return { target: "export", sort, instance: reader.u32(), name: reader.name() };
    case 0x01:
      return { target: "core export", sort, instance: reader.u32(), name: reader.name() };
    case 0x02:
      return { target: "outer", sort, levels: reader.u32(), index: reader.u32() };
    default:
      return reader.fail("unknown alias target");
  }
}

/** `name sort index`, as in inline exports and instantiation arguments. */
export function readNamedReference(reader: BinaryReader): NamedReference {
  return { name: reader.name(), sort: readSort(reader), index: reader.u32() };
}
