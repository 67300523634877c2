import { BULK_BYTES_PER_FUEL_SHIFT, BULK_FREE_BYTES_SHIFT, GROW_FUEL } from "./limits.ts";
import type { ModuleReader } from "./module_reader.ts";
import { ModuleWriter } from "./module_writer.ts";
import { BULK_CHANGING_TABLES, BULK_WITH_LENGTH, Op, skipBlockType, skipImmediates, skipValueType } from "./opcodes.ts";

/** Indexes in the module as it is written. */
export interface MeterIndexes {
  /** The function to call when the fuel is spent. */
  readonly refill: number;
  /** The global that holds the fuel. */
  readonly fuel: number;
  mapFunction(index: number): number;
}

const EMPTY_BLOCK = 0x40;
const I32 = 0x7f;

/**
 * Copies function bodies and charges fuel in front of each straight-line segment: 1 per operator, 0 for nop, drop,
 * block, loop, unreachable, return, else and end, 1 per function entry (spec/engine.md 3.1). Whether fuel is left is
 * looked at on function entry and at loop heads, through which every unbounded run must pass.
 */
export class FunctionMeter {
  readonly #reader: ModuleReader;
  readonly #indexes: MeterIndexes;
  readonly #body = new ModuleWriter(1 << 16);
  readonly #segment = new ModuleWriter(1 << 12);
  #cost = 0;
  #check = false;
  #scratchLocal = 0;
  #usesScratch = false;
  #changesTables = false;

  constructor(reader: ModuleReader, indexes: MeterIndexes) {
    this.#reader = reader;
    this.#indexes = indexes;
  }

  /** Whether any function read so far holds an instruction that changes a table or drops a segment. */
  get changesTables(): boolean {
    return this.#changesTables;
  }

  /** Reads one entry of the code section and writes the metered one. */
  meter(params: number, output: ModuleWriter): void {
    const reader = this.#reader;
    const bodyBytes = reader.u32();
    const end = reader.position + bodyBytes;
    const groups = reader.u32();
    const localsStart = reader.position;
    let locals = 0;
    for (let group = 0; group < groups; group++) {
      locals += reader.u32();
      skipValueType(reader);
    }
    const localsEnd = reader.position;
    this.#begin(params + locals);
    this.#instructions();
    if (reader.position !== end) reader.fail("a function body ends in the wrong place");
    this.#writeFunction(output, groups, [localsStart, localsEnd]);
  }

  #begin(firstFreeLocal: number): void {
    this.#body.clear();
    this.#segment.clear();
    this.#cost = 1;
    this.#check = true;
    this.#scratchLocal = firstFreeLocal;
    this.#usesScratch = false;
  }

  #writeFunction(output: ModuleWriter, groups: number, [localsStart, localsEnd]: readonly [number, number]): void {
    const header = new ModuleWriter(localsEnd - localsStart + 16);
    header.u32(groups + (this.#usesScratch ? 1 : 0));
    header.range(this.#reader.bytes, localsStart, localsEnd);
    if (this.#usesScratch) header.byte(1, I32);
    output.u32(header.length + this.#body.length);
    output.raw(header.written);
    output.raw(this.#body.written);
  }

  #instructions(): void {
    for (let depth = 0; depth >= 0;) {
      const start = this.#reader.position;
      const opcode = this.#reader.byte();
      if (opcode === Op.block || opcode === Op.loop || opcode === Op.if) depth++;
      else if (opcode === Op.end) depth--;
      this.#instruction(opcode, start);
    }
  }

  #instruction(opcode: number, start: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case Op.nop:
        return;
      case Op.drop:
        return this.#copy(start);
      case Op.block:
        skipBlockType(reader);
        return this.#copy(start);
      case Op.loop:
        skipBlockType(reader);
        this.#copy(start);
        this.#endSegment();
        this.#check = true;
        return;
      case Op.if:
        skipBlockType(reader);
        this.#cost++;
        this.#copy(start);
        return this.#endSegment();
      case Op.unreachable:
      case Op.return:
      case Op.else:
      case Op.end:
        this.#copy(start);
        return this.#endSegment();
      case Op.br:
      case Op.brIf:
        reader.skipInteger();
        return this.#leave(start);
      case Op.brTable:
        for (let targets = reader.u32(); targets >= 0; targets--) reader.skipInteger();
        return this.#leave(start);
      default:
        return this.#operator(opcode, start);
    }
  }

  #operator(opcode: number, start: number): void {
    const reader = this.#reader;
    this.#cost++;
    switch (opcode) {
      case Op.call:
      case Op.refFunc:
        return this.#mapped(opcode, this.#indexes.mapFunction(reader.u32()));
      case Op.returnCall:
        this.#mapped(opcode, this.#indexes.mapFunction(reader.u32()));
        return this.#endSegment();
      case Op.callIndirect:
        reader.skipInteger();
        reader.skipInteger();
        return this.#copy(start);
      case Op.returnCallIndirect:
        reader.skipInteger();
        reader.skipInteger();
        this.#copy(start);
        return this.#endSegment();
      case Op.memoryGrow:
        this.#cost += GROW_FUEL;
        break;
      case Op.tableSet:
        this.#changesTables = true;
        break;
      case Op.bulk:
        this.#bulk(reader.peekU32());
        break;
    }
    skipImmediates(reader, opcode);
    this.#copy(start);
  }

  #copy(start: number): void {
    this.#segment.range(this.#reader.bytes, start, this.#reader.position);
  }

  #mapped(opcode: number, index: number): void {
    this.#segment.byte(opcode);
    this.#segment.u32(index);
  }

  #leave(start: number): void {
    this.#cost++;
    this.#copy(start);
    this.#endSegment();
  }

  /** Writes the segment's charge, then the segment. */
  #endSegment(): void {
    const body = this.#body;
    if (this.#cost > 0) {
      body.byte(Op.globalGet);
      body.u32(this.#indexes.fuel);
      body.byte(Op.i64Const);
      body.signed(this.#cost);
      body.byte(Op.i64Sub, Op.globalSet);
      body.u32(this.#indexes.fuel);
    }
    if (this.#check) this.#writeCheck(body);
    body.raw(this.#segment.written);
    this.#segment.clear();
    this.#cost = 0;
    this.#check = false;
  }

  #writeCheck(output: ModuleWriter): void {
    output.byte(Op.globalGet);
    output.u32(this.#indexes.fuel);
    output.byte(Op.i64Const, 0, Op.i64LtS, Op.if, EMPTY_BLOCK, Op.call);
    output.u32(this.#indexes.refill);
    output.byte(Op.end);
  }

  #bulk(code: number): void {
    if (BULK_CHANGING_TABLES.has(code)) this.#changesTables = true;
    if (BULK_WITH_LENGTH.has(code)) this.#chargeLength();
  }

  /**
   * Bulk instructions take time by their length, which is on top of the stack: long ones are charged for it, and
   * checked, since they can be long enough to outlast a deadline.
   */
  #chargeLength(): void {
    this.#usesScratch = true;
    const segment = this.#segment;
    const scratch = this.#scratchLocal;
    segment.byte(Op.localTee);
    segment.u32(scratch);
    segment.byte(Op.localGet);
    segment.u32(scratch);
    segment.byte(Op.i32Const, BULK_FREE_BYTES_SHIFT, Op.i32ShrU, Op.if, EMPTY_BLOCK, Op.globalGet);
    segment.u32(this.#indexes.fuel);
    segment.byte(Op.localGet);
    segment.u32(scratch);
    segment.byte(Op.i64ExtendI32U, Op.i64Const, BULK_BYTES_PER_FUEL_SHIFT, Op.i64ShrU, Op.i64Sub, Op.globalSet);
    segment.u32(this.#indexes.fuel);
    this.#writeCheck(segment);
    segment.byte(Op.end);
  }
}
