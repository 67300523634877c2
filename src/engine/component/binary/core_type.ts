import { componentTooLarge, unsupportedComponent } from "../errors.ts";
import { MAX_NESTING } from "../limits.ts";
import type { BinaryReader } from "./reader.ts";
import { readCoreSort } from "./sorts.ts";

const FUNCTION_TYPE = 0x60;
const MODULE_TYPE = 0x50;

/**
 * Reads one core type, a function or a module type, and keeps nothing of it: what a core module needs is read from
 * the module itself, and WebAssembly checks it when the module is instantiated.
 */
export function readCoreType(reader: BinaryReader, depth = 0): void {
  if (depth > MAX_NESTING) throw componentTooLarge("levels of nested types", MAX_NESTING);
  const code = reader.byte();
  if (code === FUNCTION_TYPE) {
    reader.vector(() => readCoreValueType(reader));
    reader.vector(() => readCoreValueType(reader));
  } else if (code === MODULE_TYPE) {
    reader.vector(() => readModuleDeclaration(reader, depth + 1));
  } else {
    throw unsupportedComponent("core types of the garbage collection proposal");
  }
}

function readModuleDeclaration(reader: BinaryReader, depth: number): void {
  switch (reader.byte()) {
    case 0x00:
      reader.name();
      reader.name();
      readCoreExtern(reader);
      return;
    case 0x01:
      return readCoreType(reader, depth);
    case 0x02:
      readCoreSort(reader);
      reader.expect(0x01, "an outer alias");
      reader.u32();
      reader.u32();
      return;
    case 0x03:
      reader.name();
      readCoreExtern(reader);
      return;
    default:
      return reader.fail("unknown declaration in a core module type");
  }
}

function readCoreExtern(reader: BinaryReader): void {
  switch (reader.byte()) {
    case 0x00:
      reader.u32();
      return;
    case 0x01:
      readCoreValueType(reader);
      return readCoreLimits(reader);
    case 0x02:
      return readCoreLimits(reader);
    case 0x03:
      readCoreValueType(reader);
      reader.byte();
      return;
    default:
      throw unsupportedComponent("core exception tags");
  }
}

function readCoreLimits(reader: BinaryReader): void {
  const flags = reader.byte();
  if (flags > 1) throw unsupportedComponent("shared or 64-bit core memories");
  reader.u32();
  if (flags === 1) reader.u32();
}

function readCoreValueType(reader: BinaryReader): void {
  const code = reader.byte();
  if (code === 0x63 || code === 0x64) throw unsupportedComponent("typed core references");
  if (code < 0x6f || code > 0x7f) reader.fail("unknown core value type");
}
