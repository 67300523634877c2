import { malformedModule } from "./errors.ts";

/** Walks a core module that `WebAssembly.validate` has accepted. The position is public: the pass copies ranges. */
export class ModuleReader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  fail(reason: string): never {
    throw malformedModule(`${reason} at byte ${this.position}`);
  }

  byte(): number {
    const byte = this.bytes[this.position];
    if (byte === undefined) return this.fail("unexpected end");
    this.position++;
    return byte;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail("integer too long");
  }

  /** The number that {@link u32} reads next. It may be written in more bytes than it needs, so a byte will not do. */
  peekU32(): number {
    const start = this.position;
    const value = this.u32();
    this.position = start;
    return value;
  }

  /** Skips one LEB128 integer of any width. */
  skipInteger(): void {
    while (this.byte() >= 0x80);
  }

  skip(bytes: number): void {
    this.position += bytes;
    if (this.position > this.bytes.length) this.fail("unexpected end");
  }

  skipName(): void {
    this.skip(this.u32());
  }

  name(): string {
    const length = this.u32();
    const start = this.position;
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(start, this.position));
  }
}
