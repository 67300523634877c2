import { componentTooLarge, invalidComponent } from "../errors.ts";
import { MAX_COMPONENT_ITEMS } from "../limits.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Counts what is read, over a component and all components nested in it. */
export interface ItemCount {
  items: number;
}

/**
 * Reads the primitives of the component format between two offsets. Throws `component_invalid` instead of reading
 * past the end, whatever the bytes.
 */
export class BinaryReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #count: ItemCount;
  #position: number;

  constructor(bytes: Uint8Array, range: { start: number; end: number }, count: ItemCount) {
    this.#bytes = bytes;
    this.#position = range.start;
    this.#end = range.end;
    this.#count = count;
  }

  get done(): boolean {
    return this.#position === this.#end;
  }

  fail(reason: string): never {
    throw invalidComponent(`${reason} at byte ${this.#position}`);
  }

  peek(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined || this.#position >= this.#end) this.fail("unexpected end");
    return byte;
  }

  byte(): number {
    const byte = this.peek();
    this.#position++;
    return byte;
  }

  expect(byte: number, what: string): void {
    if (this.peek() !== byte) this.fail(`expected ${what}`);
    this.#position++;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value < 2 ** 32 ? value : this.fail("integer too large");
    }
    return this.fail("integer too long");
  }

  /** A type index, written as a non-negative signed 33-bit integer. */
  typeIndex(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      if ((byte & 0x40) !== 0 || value >= 2 ** 32) this.fail("not a type index");
      return value;
    }
    return this.fail("integer too long");
  }

  name(): string {
    const length = this.u32();
    const start = this.#position;
    if (length > this.#end - start) this.fail("name reaches past the end");
    this.#position += length;
    try {
      return utf8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      return this.fail("name is not UTF-8");
    }
  }

  /** Every element takes at least one byte, so a longer vector than there are bytes is refused unread. */
  vector<T>(element: () => T): T[] {
    const length = this.u32();
    if (length > this.#end - this.#position) this.fail("vector reaches past the end");
    this.countItems(length);
    return Array.from({ length }, element);
  }

  optional<T>(element: () => T): T | undefined {
    const flag = this.byte();
    if (flag > 1) this.fail("expected a presence flag");
    return flag === 0 ? undefined : element();
  }

  /** A reader over the next `length` bytes, which this one skips. */
  section(length: number): BinaryReader {
    const start = this.#position;
    if (length > this.#end - start) this.fail("section reaches past the end");
    this.#position += length;
    return new BinaryReader(this.#bytes, { start, end: start + length }, this.#count);
  }

  /** The rest of this reader's bytes, not copied. */
  rest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#position, this.#end);
    this.#position = this.#end;
    return rest;
  }

  countItems(items: number): void {
    this.#count.items += items;
    if (this.#count.items > MAX_COMPONENT_ITEMS) throw componentTooLarge("definitions", MAX_COMPONENT_ITEMS);
  }
}
