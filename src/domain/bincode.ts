import { hexToBytes } from "./hex.ts";
import type { Hex } from "./ids.ts";
import { utf8Bytes } from "./utf8.ts";

const ONE_BYTE_BELOW = 251n;
const MARK_U16 = 0xfb;
const MARK_U32 = 0xfc;
const MARK_U64 = 0xfd;

/**
 * Writes bincode 2's standard encoding: little-endian, variable-length integers, no names (spec/wire.md 1.6.2).
 *
 * Structs, tuples and sequences are their parts one after another, so only scalars need a method.
 */
export class BincodeWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** What was written so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** One raw byte: u8, bool and option markers are not variable-length. */
  byte(value: number): this {
    this.#reserve(1)[0] = value;
    return this;
  }

  bool(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  /** An unsigned integer of 16 to 64 bits, a length, or a variant's index. */
  unsigned(value: bigint | number): this {
    const integer = BigInt(value);
    if (integer < ONE_BYTE_BELOW) return this.byte(Number(integer));
    if (integer < 2n ** 16n) return this.#littleEndian(MARK_U16, integer, 2);
    if (integer < 2n ** 32n) return this.#littleEndian(MARK_U32, integer, 4);
    return this.#littleEndian(MARK_U64, integer, 8);
  }

  /** A signed integer of 16 to 64 bits, zig-zagged. */
  signed(value: bigint): this {
    return this.unsigned(value >= 0n ? 2n * value : -2n * value - 1n);
  }

  float(value: number): this {
    const target = this.#reserve(8);
    new DataView(target.buffer, target.byteOffset).setFloat64(0, value, true);
    return this;
  }

  /** Length and bytes: byte strings and sequences of u8. */
  bytes(value: Uint8Array): this {
    this.unsigned(value.length);
    this.#reserve(value.length).set(value);
    return this;
  }

  /** {@link bytes} of a value held as hex. */
  hex(value: Hex): this {
    return this.bytes(hexToBytes(value));
  }

  string(value: string): this {
    return this.bytes(utf8Bytes(value));
  }

  option<T>(value: T | undefined, write: (value: T) => void): this {
    this.bool(value !== undefined);
    if (value !== undefined) write(value);
    return this;
  }

  sequence<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsigned(items.length);
    for (const item of items) write(item);
    return this;
  }

  #littleEndian(mark: number, value: bigint, lengthBytes: number): this {
    const target = this.#reserve(1 + lengthBytes);
    target[0] = mark;
    for (let index = 0; index < lengthBytes; index++) {
      target[1 + index] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
    return this;
  }

  #reserve(lengthBytes: number): Uint8Array {
    const start = this.#length;
    this.#length += lengthBytes;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return this.#bytes.subarray(start, this.#length);
  }
}
