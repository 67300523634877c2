import type { Random } from "./random.ts";
import type { RandomModuleShape } from "./random_module.ts";
import type { WasmWriter } from "./wasm_writer.ts";

const EMPTY_BLOCK = 0x40;
const I32 = 0x7f;
const MAX_DEPTH = 4;

/** Writes function bodies that are valid, use every kind of instruction the metering pass treats apart, and may well never end. */
export class RandomBody {
  readonly #random: Random;
  readonly #writer: WasmWriter;
  readonly #shape: RandomModuleShape;
  /** Enclosing labels, the innermost last: whether a branch to it carries a value. */
  readonly #labels: boolean[] = [];

  constructor(random: Random, writer: WasmWriter, shape: RandomModuleShape) {
    this.#random = random;
    this.#writer = writer;
    this.#shape = shape;
  }

  /** Ends with an i32 on the stack. */
  write(): number[] {
    this.#labels.push(true);
    return [...this.#statements(0), ...this.#value(0)];
  }

  /** Leaves nothing on the stack. */
  writeVoid(): number[] {
    this.#labels.push(false);
    return this.#statements(0);
  }

  #statements(depth: number): number[] {
    return Array.from({ length: this.#random.below(4) + (depth === 0 ? 1 : 0) }, () => this.#statement(depth)).flat();
  }

  #statement(depth: number): number[] {
    const value = () => this.#value(depth + 1);
    const kinds: readonly (() => number[])[] = [
      () => [0x01],
      () => [...value(), 0x1a],
      () => [...value(), 0x21, ...this.#local()],
      () => [...value(), 0x24, ...this.#global()],
      () => [
        ...value(),
        ...value(),
        0x36,
        ...this.#writer.u32(this.#random.below(3)),
        ...this.#writer.u32(this.#random.below(100_000)),
      ],
      () => this.#bulk(value),
      ...this.#shape.without.has("table") ? [] : [() => this.#table(value)],
      ...depth >= MAX_DEPTH ? [] : [
        () => this.#nested([0x02, EMPTY_BLOCK], depth),
        () => this.#nested([0x03, EMPTY_BLOCK], depth),
        () => this.#loop(depth),
        () => [...value(), ...this.#nested([0x04, EMPTY_BLOCK], depth)],
        () => [...value(), ...this.#branches(depth)],
        () => this.#branch(value),
      ],
    ];
    return this.#random.pick(kinds)();
  }

  #nested(opening: readonly number[], depth: number): number[] {
    this.#labels.push(false);
    const inner = this.#statements(depth + 1);
    this.#labels.pop();
    return [...opening, ...inner, 0x0b];
  }

  #branches(depth: number): number[] {
    this.#labels.push(false);
    const inner = [...this.#statements(depth + 1), 0x05, ...this.#statements(depth + 1)];
    this.#labels.pop();
    return [0x04, EMPTY_BLOCK, ...inner, 0x0b];
  }

  /** A loop that goes back while something is not zero. */
  #loop(depth: number): number[] {
    this.#labels.push(false);
    const inner = [...this.#statements(depth + 1), ...this.#value(depth + 1), 0x0d, ...this.#writer.u32(0)];
    this.#labels.pop();
    return [0x03, EMPTY_BLOCK, ...inner, 0x0b];
  }

  #branch(value: () => number[]): number[] {
    const empty = this.#labels.flatMap((carries, i) => carries ? [] : [this.#labels.length - 1 - i]);
    const givesValue = this.#labels[0] === true;
    if (givesValue && (empty.length === 0 || this.#random.chance(4))) return this.#return(value);
    const label = () => this.#writer.u32(this.#random.pick(empty));
    return this.#random.pick<() => number[]>([
      () => [...value(), 0x0d, ...label()],
      () => [0x0c, ...label()],
      () => [...value(), 0x0e, ...this.#writer.vector([label(), label()]), ...label()],
      () => [0x00],
    ])();
  }

  #return(value: () => number[]): number[] {
    return this.#random.pick<() => number[]>([
      () => [...value(), 0x0f],
      () => [...value(), 0x12, ...this.#function()],
      () => [...value(), ...value(), 0x13, ...this.#writer.u32(0), ...this.#writer.u32(0)],
    ])();
  }

  #bulk(value: () => number[]): number[] {
    const index = () => this.#writer.u32(0);
    const code = (number: number) => [0xfc, ...this.#writer.u32(number)];
    const small = () => [0x41, ...this.#writer.s32(this.#random.below(3))];
    // Where to, where from, how much: small enough to succeed half of the time.
    const three = () =>
      this.#random.chance(2) ? [...value(), ...value(), ...value()] : [small(), small(), small()].flat();
    const { without } = this.#shape;
    return this.#random.pick<() => number[]>([
      () => [...three(), ...code(10), ...index(), ...index()],
      () => [...three(), ...code(11), ...index()],
      () => [...three(), ...code(8), ...index(), ...index()],
      ...without.has("data") ? [] : [() => [...code(9), ...index()]],
      ...without.has("element") ? [] : [() => [...code(13), ...index()]],
      ...without.has("table") ? [] : [
        () => [...three(), ...code(12), ...index(), ...index()],
        () => [...three(), ...code(14), ...index(), ...index()],
      ],
    ])();
  }

  #table(value: () => number[]): number[] {
    const index = () => this.#writer.u32(0);
    const reference = () => this.#random.chance(3) ? [0xd0, 0x70] : [0xd2, ...this.#function()];
    return this.#random.pick<() => number[]>([
      () => [...value(), ...reference(), 0x26, ...index()],
      () => [...value(), ...reference(), ...value(), 0xfc, ...this.#writer.u32(17), ...index()],
      () => [...reference(), ...value(), 0xfc, ...this.#writer.u32(15), ...index(), 0x1a],
      () => [...value(), 0x25, ...index(), 0x1a],
    ])();
  }

  /** Instructions that leave an i32. */
  #value(depth: number): number[] {
    const value = () => this.#value(depth + 1);
    const leaves: readonly (() => number[])[] = [
      () => [0x41, ...this.#writer.s32(this.#random.pick([0, 1, 2, 7, 64, 1000, 65535, 200_000, -1]))],
      () => [0x20, ...this.#local()],
      () => [0x23, ...this.#global()],
      () => [0x3f, 0],
      () => [0xfc, ...this.#writer.u32(16), ...this.#writer.u32(0)],
    ];
    if (depth >= MAX_DEPTH) return this.#random.pick(leaves)();
    return this.#random.pick<() => number[]>([
      ...leaves,
      () => [...value(), ...value(), this.#random.pick([0x6a, 0x6b, 0x6c, 0x71, 0x73, 0x74, 0x48, 0x46, 0x6e])],
      () => [...value(), this.#random.pick([0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1])],
      () => [...value(), 0x22, ...this.#local()],
      () => [
        ...value(),
        0x28,
        ...this.#writer.u32(this.#random.below(3)),
        ...this.#writer.u32(this.#random.below(70_000)),
      ],
      () => [...value(), 0x40, 0],
      () => [...value(), 0x10, ...this.#function()],
      () => [...value(), ...value(), 0x11, ...this.#writer.u32(0), ...this.#writer.u32(0)],
      () => [...value(), ...value(), ...value(), 0x1b],
      () => [...value(), ...value(), ...value(), 0x1c, ...this.#writer.vector([[I32]])],
      () => [...value(), 0xac, 0x42, ...this.#writer.s32(-5), 0x7e, 0xa7],
      () => [...value(), 0xb7, 0xfc, ...this.#writer.u32(2)],
      () => [...value(), 0xfd, ...this.#writer.u32(17), 0xfd, ...this.#writer.u32(27), this.#random.below(4)],
      () => [...value(), 0x04, I32, ...this.#arm(depth), 0x05, ...this.#arm(depth), 0x0b],
    ])();
  }

  /** One side of an if that leaves a value. */
  #arm(depth: number): number[] {
    this.#labels.push(true);
    const inner = this.#value(depth + 1);
    this.#labels.pop();
    return inner;
  }

  #local(): number[] {
    return this.#writer.u32(this.#random.below(3));
  }

  #global(): number[] {
    return this.#writer.u32(this.#random.below(this.#shape.globals));
  }

  #function(): number[] {
    return this.#writer.u32(this.#random.below(this.#shape.functions));
  }
}
