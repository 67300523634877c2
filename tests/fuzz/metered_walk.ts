import {
  BULK_BYTES_PER_FUEL_SHIFT,
  BULK_FREE_BYTES_SHIFT,
  GROW_FUEL,
  MAX_TABLE_ENTRIES,
} from "@/engine/metering/limits.ts";
import { type Instruction, InstructionReader } from "./instruction_reader.ts";

const REFILL = "wavs:meter/refill";
const FUEL = "wavs:meter/fuel";
const ADDED_EXPORT = /^wavs:meter\/(fuel|start|memory|global\/\d+)$/;

/** nop, drop, block, loop, unreachable, return, else, end (spec/engine.md 3.1). */
const FREE = new Set([0x01, 0x1a, 0x02, 0x03, 0x00, 0x0f, 0x05, 0x0b]);
/** What follows one of these may run without what stands before it, or again: it needs a charge of its own. */
const ENDS_SEGMENT = new Set([0x00, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13]);
const BULK_WITH_LENGTH = new Set([8, 10, 11, 12, 14, 15, 17]);

interface Outline {
  readonly imports: readonly string[];
  readonly exports: ReadonlyMap<string, number>;
  readonly bodies: readonly (readonly [start: number, end: number])[];
}

/**
 * Walks over a module the metering pass has written and throws unless every function and every loop asks for fuel,
 * every operator is paid for before it runs, and memory and tables have a limit.
 *
 * @returns whether the module grows its memory or a table, which the pass does not let it do as far as it likes
 */
export function checkMetered(bytes: Uint8Array, maxMemoryPages: number): { readonly grows: boolean } {
  const { imports, exports, bodies } = outline(bytes, maxMemoryPages);
  const fuel = exports.get(FUEL);
  if (fuel === undefined) throw new Error("the fuel is not exported");
  for (const name of exports.keys()) {
    if (name.startsWith("wavs:") && !ADDED_EXPORT.test(name)) {
      throw new Error(`the export "${name}" is not the pass's own`);
    }
  }
  const refill = imports.indexOf(REFILL);
  if (refill < 0) throw new Error("it does not ask for fuel");
  const last = imports.length + bodies.length - 1;
  let grows = false;
  for (const [i, [start, end]] of bodies.entries()) {
    const instructions = bodyOf(bytes, start, end);
    const walk = new BodyWalk(instructions, { fuel, refill, asks: last });
    if (i === bodies.length - 1) walk.checkRefill();
    else walk.check();
    grows ||= instructions.some(({ opcode, code }) => opcode === 0x40 || (opcode === 0xfc && code === 15));
  }
  return { grows };
}

function outline(bytes: Uint8Array, maxMemoryPages: number): Outline {
  const imports: string[] = [];
  const exports = new Map<string, number>();
  const bodies: (readonly [number, number])[] = [];
  const reader = new InstructionReader(bytes, 8);
  const each = (read: () => void) => {
    for (let count = reader.integer(); count > 0; count--) read();
  };
  while (!reader.atEnd) {
    const id = reader.byte();
    const length = reader.integer();
    const end = reader.position + length;
    if (id === 2) each(() => readImport(reader, imports));
    else if (id === 4) each(() => (reader.byte(), checkLimits(reader, MAX_TABLE_ENTRIES)));
    else if (id === 5) each(() => checkLimits(reader, maxMemoryPages));
    else if (id === 7) each(() => exports.set(...readExport(reader)));
    else if (id === 8) throw new Error("it has a start function");
    else if (id === 10) {
      each(() => {
        const bodyBytes = reader.integer();
        bodies.push([reader.position, reader.position += bodyBytes]);
      });
    }
    reader.position = end;
  }
  return { imports, exports, bodies };
}

function readImport(reader: InstructionReader, functions: string[]): void {
  const name = `${reader.name()}/${reader.name()}`;
  const kind = reader.byte();
  if (kind === 0) {
    functions.push(name);
    reader.integer();
  } else if (kind === 3) reader.position += 2;
  else {
    if (kind === 1) reader.byte();
    if (reader.byte() === 1) reader.integer();
    reader.integer();
  }
}

function readExport(reader: InstructionReader): [string, number] {
  const name = reader.name();
  reader.byte();
  return [name, reader.integer()];
}

function checkLimits(reader: InstructionReader, most: number): void {
  if (reader.byte() !== 1) throw new Error("a memory or table may grow without limit");
  reader.integer();
  if (reader.integer() > most) throw new Error("a memory or table may grow beyond its limit");
}

function bodyOf(bytes: Uint8Array, start: number, end: number): Instruction[] {
  const reader = new InstructionReader(bytes.subarray(0, end), start);
  for (let groups = reader.integer(); groups > 0; groups--) {
    reader.integer();
    reader.byte();
  }
  const instructions: Instruction[] = [];
  while (!reader.atEnd) instructions.push(reader.instruction());
  return instructions;
}

interface Indexes {
  readonly fuel: number;
  /** The import. */
  readonly refill: number;
  /** The function that calls it. */
  readonly asks: number;
}

class BodyWalk {
  readonly #instructions: readonly Instruction[];
  readonly #indexes: Indexes;
  #next = 0;
  /** Fuel paid for and not used yet. */
  #paid = 0;

  constructor(instructions: readonly Instruction[], indexes: Indexes) {
    this.#instructions = instructions;
    this.#indexes = indexes;
  }

  /** `call refill, if, call give-way, end, end` and nothing else. */
  checkRefill(): void {
    const { refill } = this.#indexes;
    this.#expect(0x10, refill);
    this.#expect(0x04, 0x40);
    this.#expect(0x10, refill + 1);
    this.#expect(0x0b);
    this.#expect(0x0b);
    if (this.#next !== this.#instructions.length) this.#fail("the function that asks for fuel does more");
  }

  check(): void {
    if (!this.#charge()) this.#fail("the function is free to enter");
    this.#askForFuel();
    this.#use(1);
    while (this.#next < this.#instructions.length) this.#step();
    if (this.#paid !== 0) this.#fail(`${this.#paid} is paid for nothing`);
  }

  #step(): void {
    if (this.#charge()) return;
    this.#lengthCharge();
    const instruction = this.#take();
    const { opcode, code, operands } = instruction;
    const touchesFuel = (opcode === 0x23 || opcode === 0x24) && operands[0] === this.#indexes.fuel;
    if (touchesFuel) this.#fail("the guest reaches the fuel");
    if ((opcode === 0x10 || opcode === 0x12) && operands[0] === this.#indexes.asks) {
      this.#fail("the guest asks for fuel");
    }
    if (opcode === 0xfc && BULK_WITH_LENGTH.has(code) && !this.#lengthIsPaid) this.#fail("a bulk instruction is free");
    this.#lengthIsPaid = false;
    if (!FREE.has(opcode)) this.#use(opcode === 0x40 ? 1 + GROW_FUEL : 1);
    if (!ENDS_SEGMENT.has(opcode)) return;
    if (this.#paid !== 0) this.#fail(`${this.#paid} is paid for what may not run`);
    if (opcode !== 0x03) return;
    this.#charge();
    this.#askForFuel();
  }

  #lengthIsPaid = false;

  #use(fuel: number): void {
    this.#paid -= fuel;
    if (this.#paid < 0) this.#fail("an operator is not paid for");
  }

  /** `fuel -= constant`. */
  #charge(): boolean {
    const { fuel } = this.#indexes;
    const [get, cost, subtract, set] = this.#instructions.slice(this.#next, this.#next + 4);
    const isCharge = get?.opcode === 0x23 && get.operands[0] === fuel && cost?.opcode === 0x42 &&
      subtract?.opcode === 0x7d && set?.opcode === 0x24 && set.operands[0] === fuel;
    if (!isCharge) return false;
    const amount = cost.operands[0] ?? 0;
    if (amount <= 0) this.#fail(`a charge of ${amount}`);
    if (this.#paid !== 0) this.#fail(`${this.#paid} is left where the next charge stands`);
    this.#paid = amount;
    this.#next += 4;
    return true;
  }

  /** `if fuel < 0, ask`. */
  #askForFuel(): void {
    this.#expect(0x23, this.#indexes.fuel);
    this.#expect(0x42, 0);
    this.#expect(0x53);
    this.#expect(0x04, 0x40);
    this.#expect(0x10, this.#indexes.asks);
    this.#expect(0x0b);
  }

  /** `if length >> 10, fuel -= length >> 4, ask`, the length being on the stack. */
  #lengthCharge(): void {
    const [tee, get, shift, right, branch, fuel] = this.#instructions.slice(this.#next, this.#next + 6);
    const begins = tee?.opcode === 0x22 && get?.opcode === 0x20 && shift?.opcode === 0x41 && right?.opcode === 0x76 &&
      branch?.opcode === 0x04 && fuel?.opcode === 0x23 && fuel.operands[0] === this.#indexes.fuel;
    if (!begins) return;
    const scratch = tee.operands[0] ?? -1;
    this.#expect(0x22, scratch);
    this.#expect(0x20, scratch);
    this.#expect(0x41, BULK_FREE_BYTES_SHIFT);
    this.#expect(0x76);
    this.#expect(0x04, 0x40);
    this.#expect(0x23, this.#indexes.fuel);
    this.#expect(0x20, scratch);
    this.#expect(0xad);
    this.#expect(0x42, BULK_BYTES_PER_FUEL_SHIFT);
    this.#expect(0x88);
    this.#expect(0x7d);
    this.#expect(0x24, this.#indexes.fuel);
    this.#askForFuel();
    this.#expect(0x0b);
    this.#lengthIsPaid = true;
  }

  #take(): Instruction {
    const instruction = this.#instructions[this.#next++];
    return instruction ?? this.#fail("the body ends too soon");
  }

  #expect(opcode: number, operand?: number): void {
    const found = this.#take();
    if (found.opcode !== opcode || (operand !== undefined && found.operands[0] !== operand)) {
      this.#fail(`0x${opcode.toString(16)} ${operand ?? ""} should stand here`);
    }
  }

  #fail(why: string): never {
    const around = this.#instructions.slice(Math.max(0, this.#next - 6), this.#next + 4);
    const text = around.map(({ opcode, code, operands }) => `${opcode.toString(16)}/${code}(${operands})`).join(" ");
    throw new Error(`${why}, at instruction ${this.#next}: ${text}`);
  }
}
