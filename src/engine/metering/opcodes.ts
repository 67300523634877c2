import { unsupportedModule } from "./errors.ts";
import type { ModuleReader } from "./module_reader.ts";

/** The opcodes the pass treats by name. */
export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  localGet: 0x20,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i64LtS: 0x53,
  i32ShrU: 0x76,
  i64Sub: 0x7d,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  refNull: 0xd0,
  refFunc: 0xd2,
  bulk: 0xfc,
  simd: 0xfd,
} as const;

/** Numbers behind {@link Op.bulk} whose last operand is a length the instruction takes time for. */
export const BULK_WITH_LENGTH: ReadonlySet<number> = new Set([
  8, // memory.init
  10, // memory.copy
  11, // memory.fill
  12, // table.init
  14, // table.copy
  15, // table.grow
  17, // table.fill
]);

/** Numbers behind {@link Op.bulk} that change a table, or drop a segment for good. */
export const BULK_CHANGING_TABLES: ReadonlySet<number> = new Set([
  9, // data.drop
  12, // table.init
  13, // elem.drop
  14, // table.copy
  15, // table.grow
  17, // table.fill
]);

/** The first number behind {@link Op.simd} whose result may differ from machine to machine. */
const FIRST_RELAXED_SIMD = 0x100;

const FUNCREF = 0x70;
const EXTERNREF = 0x6f;
const EMPTY_BLOCK = 0x40;

/** A value type of WebAssembly 2.0. */
export function skipValueType(reader: ModuleReader): void {
  const code = reader.byte();
  const known = (code >= 0x7b && code <= 0x7f) || code === FUNCREF || code === EXTERNREF;
  if (!known) throw unsupportedModule("typed references or garbage collection");
}

export function skipBlockType(reader: ModuleReader): void {
  const code = reader.bytes[reader.position] ?? 0;
  if (code === EMPTY_BLOCK) reader.skip(1);
  else if (code > EMPTY_BLOCK && code < 0x80) skipValueType(reader);
  else reader.skipInteger();
}

/** Skips what follows `opcode`; the structured ones, branches and calls are handled by the caller. */
export function skipImmediates(reader: ModuleReader, opcode: number): void {
  if ((opcode >= 0x45 && opcode <= 0xc4) || opcode === 0x1b || opcode === 0xd1) return;
  if ((opcode >= 0x20 && opcode <= 0x26) || (opcode >= 0x3f && opcode <= 0x42)) return reader.skipInteger();
  if (opcode >= 0x28 && opcode <= 0x3e) return skipMemoryArgument(reader);
  switch (opcode) {
    case 0x43:
      return reader.skip(4);
    case 0x44:
      return reader.skip(8);
    case 0x1c:
      for (let count = reader.u32(); count > 0; count--) skipValueType(reader);
      return;
    case Op.refNull:
      return skipValueType(reader);
    case Op.bulk:
      return skipBulkImmediates(reader);
    case Op.simd:
      return skipSimdImmediates(reader);
    default:
      throw unsupportedModule(proposalOf(opcode));
  }
}

function proposalOf(opcode: number): string {
  if (opcode === 0x14 || opcode === 0x15 || (opcode >= 0xd3 && opcode <= 0xd6)) return "typed function references";
  if ((opcode >= 0x06 && opcode <= 0x0a) || opcode === 0x18 || opcode === 0x19 || opcode === 0x1f) return "exceptions";
  if (opcode === 0xfb) return "garbage collection";
  if (opcode === 0xfe) return "threads";
  if (opcode >= 0xe0 && opcode <= 0xe6) return "stack switching";
  return `the instruction 0x${opcode.toString(16)}`;
}

function skipMemoryArgument(reader: ModuleReader): void {
  if (reader.u32() >= 0x40) throw unsupportedModule("several memories");
  reader.skipInteger();
}

function skipBulkImmediates(reader: ModuleReader): void {
  const code = reader.u32();
  if (code <= 7) return;
  if (code >= 19 && code <= 22) throw unsupportedModule("wide arithmetic");
  if (code > 17) throw unsupportedModule(`the instruction 0xfc ${code}`);
  reader.skipInteger();
  const twoIndexes = code === 8 || code === 10 || code === 12 || code === 14;
  if (twoIndexes) reader.skipInteger();
}

function skipSimdImmediates(reader: ModuleReader): void {
  const code = reader.u32();
  if (code >= FIRST_RELAXED_SIMD) throw unsupportedModule("relaxed SIMD");
  if (code <= 11 || code === 92 || code === 93) return skipMemoryArgument(reader);
  if (code === 12 || code === 13) return reader.skip(16);
  if (code >= 21 && code <= 34) return reader.skip(1);
  if (code >= 84 && code <= 91) {
    skipMemoryArgument(reader);
    reader.skip(1);
  }
}
