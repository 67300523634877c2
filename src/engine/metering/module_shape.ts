import { malformedModule, moduleOverLimit, unsupportedModule } from "./errors.ts";
import { MAX_TABLES } from "./limits.ts";
import { isReservedName } from "./meter_names.ts";
import { ModuleReader } from "./module_reader.ts";
import { skipValueType } from "./opcodes.ts";

/** What the pass must know of a module before it rewrites it. */
export interface ModuleShape {
  readonly sections: ReadonlyMap<number, Section>;
  /** Number of parameters of each function type. */
  readonly types: readonly number[];
  readonly imports: number;
  readonly importedFunctions: number;
  /** Imported and defined. */
  readonly globals: number;
  /** Type index of each function defined here. */
  readonly functions: readonly number[];
  readonly start: number | undefined;
  readonly definesMemory: boolean;
}

/** Byte offsets of a section's content. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

const FUNCTION_TYPE = 0x60;
const TAG_SECTION = 13;
const LAST_SECTION = 12;

/**
 * Reads the outline of a module and refuses, by name, what the pass does not follow: shared and 64-bit memories,
 * several memories, exceptions, garbage collection, typed references.
 */
export function scanModule(module: Uint8Array): ModuleShape {
  const sections = findSections(module);
  const reader = new ModuleReader(module, 0);
  const enter = (id: number): number => {
    const section = sections.get(id);
    if (section === undefined) return 0;
    reader.position = section.start;
    return reader.u32();
  };
  const types = times(enter(1), () => functionParams(reader));
  const imports = times(enter(2), () => importKind(reader));
  const functions = times(enter(3), () => reader.u32());
  const tables = times(enter(4), () => {
    skipValueType(reader);
    skipLimits(reader);
  }).length;
  const memories = times(enter(5), () => skipLimits(reader)).length;
  for (let exports = enter(7); exports > 0; exports--) skipExport(reader);
  if (tables > MAX_TABLES) throw moduleOverLimit("tables", tables, MAX_TABLES);
  if (count(imports, "memory") + memories > 1) throw unsupportedModule("several memories");
  return {
    sections,
    types,
    imports: imports.length,
    importedFunctions: count(imports, "function"),
    globals: count(imports, "global") + enter(6),
    functions,
    start: sections.has(8) ? enter(8) : undefined,
    definesMemory: memories > 0,
  };
}

function findSections(module: Uint8Array): Map<number, Section> {
  const sections = new Map<number, Section>();
  const reader = new ModuleReader(module, 8);
  while (reader.position < module.length) {
    const id = reader.byte();
    const length = reader.u32();
    const start = reader.position;
    reader.skip(length);
    if (id === TAG_SECTION) throw unsupportedModule("exceptions");
    if (id > LAST_SECTION) throw unsupportedModule(`the section ${id}`);
    if (id === 0) continue;
    if (sections.has(id)) throw malformedModule(`section ${id} appears twice`);
    sections.set(id, { start, end: reader.position });
  }
  return sections;
}

function functionParams(reader: ModuleReader): number {
  if (reader.byte() !== FUNCTION_TYPE) throw unsupportedModule("garbage collection");
  const params = times(reader.u32(), () => skipValueType(reader)).length;
  times(reader.u32(), () => skipValueType(reader));
  return params;
}

function skipExport(reader: ModuleReader): void {
  refuseReserved(reader.name());
  reader.byte();
  reader.u32();
}

function refuseReserved(name: string): void {
  if (isReservedName(name)) throw unsupportedModule(`the reserved name "${name.slice(0, 64)}"`);
}

type ImportKind = "function" | "table" | "memory" | "global";

function importKind(reader: ModuleReader): ImportKind {
  refuseReserved(reader.name());
  refuseReserved(reader.name());
  switch (reader.byte()) {
    case 0:
      reader.u32();
      return "function";
    case 1:
      skipValueType(reader);
      skipLimits(reader);
      return "table";
    case 2:
      skipLimits(reader);
      return "memory";
    case 3:
      skipValueType(reader);
      reader.byte();
      return "global";
    default:
      throw unsupportedModule("exceptions");
  }
}

function skipLimits(reader: ModuleReader): void {
  const flags = reader.byte();
  if (flags > 1) throw unsupportedModule(limitsProposalOf(flags));
  reader.u32();
  if (flags === 1) reader.u32();
}

function limitsProposalOf(flags: number): string {
  if ((flags & 2) !== 0) return "threads (shared memory)";
  return (flags & 4) !== 0 ? "64-bit memory or tables (memory64)" : "custom page sizes";
}

function count(imports: readonly ImportKind[], kind: ImportKind): number {
  return imports.filter((each) => each === kind).length;
}

function times<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read());
  return items;
}
