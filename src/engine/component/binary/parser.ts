import { componentTooLarge, notWrapped, unsupportedComponent } from "../errors.ts";
import { MAX_COMPONENT_BYTES, MAX_NESTING } from "../limits.ts";
import type { CanonicalOptionsSyntax, ComponentSyntax, Definition, NamedReference, StringEncoding } from "./ast.ts";
import { readCoreType } from "./core_type.ts";
import { BinaryReader } from "./reader.ts";
import { readAlias, readCoreSort, readExtern, readExternName, readNamedReference, readSort } from "./sorts.ts";
import { readType } from "./type_section.ts";

/**
 * Parses a component binary (component model, version 0x0d) without resolving it.
 *
 * Core modules are sliced out of `bytes`, not copied and not looked into.
 *
 * @throws WavsError `component_invalid`, `component_unsupported`, `component_too_large`, and nothing else for any bytes
 */
export function parseComponent(bytes: Uint8Array): ComponentSyntax {
  if (bytes.length > MAX_COMPONENT_BYTES) throw componentTooLarge("bytes", MAX_COMPONENT_BYTES);
  return readComponent(new BinaryReader(bytes, { start: 0, end: bytes.length }, { items: 0 }), 0);
}

function readComponent(reader: BinaryReader, depth: number): ComponentSyntax {
  if (depth > MAX_NESTING) throw componentTooLarge("levels of nested components", MAX_NESTING);
  readPreamble(reader);
  const definitions: Definition[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const section = reader.section(reader.u32());
    for (const definition of readSection(id, section, depth)) definitions.push(definition);
    if (!section.done) section.fail("unexpected bytes after the section's content");
  }
  return { definitions };
}

function readPreamble(reader: BinaryReader): void {
  for (const byte of [0x00, 0x61, 0x73, 0x6d]) reader.expect(byte, "WebAssembly's magic number");
  const version = reader.byte();
  reader.byte();
  const layer = reader.byte();
  reader.byte();
  if (layer === 0) throw notWrapped();
  if (version !== 0x0d || layer !== 1) reader.fail("unknown version of the component format");
}

function readSection(id: number, section: BinaryReader, depth: number): Definition[] {
  switch (id) {
    case 0:
      section.rest();
      return [];
    case 1:
      return [{ kind: "core module", bytes: section.rest() }];
    case 2:
      return section.vector(() => readCoreInstance(section));
    case 3:
      return section.vector((): Definition => {
        readCoreType(section);
        return { kind: "core type" };
      });
    case 4:
      section.countItems(1);
      return [{ kind: "component", component: readComponent(section, depth + 1) }];
    case 5:
      return section.vector(() => readInstance(section));
    case 6:
      return section.vector((): Definition => ({ kind: "alias", alias: readAlias(section) }));
    case 7:
      return section.vector((): Definition => ({ kind: "type", type: readType(section) }));
    case 8:
      return section.vector(() => readCanonical(section));
    case 9:
      throw unsupportedComponent("a component-level start function");
    case 10:
      return section.vector((): Definition => ({
        kind: "import",
        name: readExternName(section),
        extern: readExtern(section),
      }));
    case 11:
      return section.vector(() => readExport(section));
    case 12:
      throw unsupportedComponent("component-level values");
    default:
      return section.fail(`unknown section ${id}`);
  }
}

function readCoreInstance(reader: BinaryReader): Definition {
  switch (reader.byte()) {
    case 0x00:
      return { kind: "core instance", module: reader.u32(), args: reader.vector(() => readCoreArgument(reader)) };
    case 0x01:
      return {
        kind: "core exports",
        exports: reader.vector((): NamedReference => ({
          name: reader.name(),
          sort: readCoreSort(reader),
          index: reader.u32(),
        })),
      };
    default:
      return reader.fail("unknown kind of core instance");
  }
}

function readCoreArgument(reader: BinaryReader): NamedReference {
  const name = reader.name();
  reader.expect(0x12, "a core instance");
  return { name, sort: "core instance", index: reader.u32() };
}

function readInstance(reader: BinaryReader): Definition {
  switch (reader.byte()) {
    case 0x00:
      return { kind: "instance", component: reader.u32(), args: reader.vector(() => readNamedReference(reader)) };
    case 0x01:
      return {
        kind: "exports",
        exports: reader.vector((): NamedReference => ({
          name: readExternName(reader),
          sort: readSort(reader),
          index: reader.u32(),
        })),
      };
    default:
      return reader.fail("unknown kind of instance");
  }
}

function readExport(reader: BinaryReader): Definition {
  const name = readExternName(reader);
  const sort = readSort(reader);
  const index = reader.u32();
  reader.optional(() => readExtern(reader));
  return { kind: "export", name, sort, index };
}

function readCanonical(reader: BinaryReader): Definition {
  switch (reader.byte()) {
    case 0x00: {
      reader.expect(0x00, "a lifted function");
      const core = reader.u32();
      const options = readCanonicalOptions(reader);
      return { kind: "lift", core, options, type: reader.u32() };
    }
    case 0x01:
      reader.expect(0x00, "a lowered function");
      return { kind: "lower", function: reader.u32(), options: readCanonicalOptions(reader) };
    case 0x02:
      return { kind: "resource", operation: "new", resource: reader.u32() };
    case 0x03:
      return { kind: "resource", operation: "drop", resource: reader.u32() };
    case 0x04:
      return { kind: "resource", operation: "rep", resource: reader.u32() };
    default:
      throw unsupportedComponent("canonical built-ins of WASI 0.3");
  }
}

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];

function readCanonicalOptions(reader: BinaryReader): CanonicalOptionsSyntax {
  let encoding: StringEncoding | undefined;
  let memory: number | undefined;
  let realloc: number | undefined;
  let postReturn: number | undefined;
  const once = <T>(before: T | undefined, value: T): T =>
    before === undefined ? value : reader.fail("a canonical option is given twice");
  reader.vector(() => {
    const code = reader.byte();
    if (code === 0x03) memory = once(memory, reader.u32());
    else if (code === 0x04) realloc = once(realloc, reader.u32());
    else if (code === 0x05) postReturn = once(postReturn, reader.u32());
    else encoding = once(encoding, ENCODINGS[code] ?? refuseOption());
  });
  return { encoding: encoding ?? "utf8", memory, realloc, postReturn };
}

function refuseOption(): never {
  throw unsupportedComponent("canonical options of WASI 0.3 or garbage collection");
}
