/** One instruction: its opcode, the number behind a prefix, and the integers that follow. */
export interface Instruction {
  readonly opcode: number;
  readonly code: number;
  readonly operands: readonly number[];
}

/** Instructions with nothing behind them, beside the numeric ones from 0x45 to 0xc4. */
const BARE = new Set([0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1]);
/** With one integer: types of blocks, labels, indexes, constants. */
const ONE = new Set([
  0x02,
  0x03,
  0x04,
  0x0c,
  0x0d,
  0x10,
  0x12,
  0x20,
  0x21,
  0x22,
  0x23,
  0x24,
  0x25,
  0x26,
  0x3f,
  0x40,
  0x41,
]);
const ALSO_ONE = new Set([0x42, 0xd0, 0xd2]);
const BULK_OPERANDS: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/**
 * Reads WebAssembly for the walk over metered modules. It shares nothing with the reader of the metering pass, so that
 * the two do not make the same mistake.
 */
export class InstructionReader {
  readonly #view: DataView;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  get atEnd(): boolean {
    return this.position >= this.#view.byteLength;
  }

  byte(): number {
    return this.#view.getUint8(this.position++);
  }

  /** A LEB128 integer of up to 64 bits; exact where it matters, for indexes, lengths and costs. */
  integer(signed = false): number {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      weight *= 0x80;
      if (byte < 0x80) return signed && (byte & 0x40) !== 0 ? value - weight : value;
    }
  }

  name(): string {
    const length = this.integer();
    this.position += length;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.position - length, length),
    );
  }

  instruction(): Instruction {
    const opcode = this.byte();
    const prefixed = opcode === 0xfc || opcode === 0xfd;
    const code = prefixed ? this.integer() : 0;
    return { opcode, code, operands: this.#operands(opcode, code) };
  }

  #operands(opcode: number, code: number): number[] {
    if ((opcode >= 0x45 && opcode <= 0xc4) || BARE.has(opcode)) return [];
    if (ONE.has(opcode) || ALSO_ONE.has(opcode)) return [this.integer(opcode === 0x41 || opcode === 0x42)];
    if (opcode >= 0x28 && opcode <= 0x3e) return this.#integers(2);
    switch (opcode) {
      case 0x0e:
        return this.#integers(this.integer() + 1);
      case 0x11:
      case 0x13:
        return this.#integers(2);
      case 0x1c:
        return this.#integers(this.integer());
      case 0x43:
        return this.#skip(4);
      case 0x44:
        return this.#skip(8);
      case 0xfc:
        return this.#integers(BULK_OPERANDS[code] ?? this.#unknown(opcode, code));
      case 0xfd:
        return this.#vectorOperands(code);
      default:
        return this.#unknown(opcode, code);
    }
  }

  #vectorOperands(code: number): number[] {
    if (code > 0xff) return this.#unknown(0xfd, code);
    if (code === 12 || code === 13) return this.#skip(16);
    const lanes = (code >= 21 && code <= 34) || (code >= 84 && code <= 91) ? 1 : 0;
    const address = code <= 11 || (code >= 84 && code <= 93) ? this.#integers(2) : [];
    return [...address, ...this.#skip(lanes)];
  }

  #integers(count: number): number[] {
    return Array.from({ length: count }, () => this.integer());
  }

  #skip(bytes: number): number[] {
    this.position += bytes;
    return [];
  }

  #unknown(opcode: number, code: number): never {
    throw new Error(`the output holds the instruction 0x${opcode.toString(16)} ${code}, which nobody counts`);
  }
}
