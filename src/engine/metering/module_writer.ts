/** A growing buffer for WebAssembly binary. */
export class ModuleWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far; valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  byte(...values: number[]): void {
    this.#reserve(values.length);
    for (const value of values) this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte(rest % 0x80 | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A non-negative integer where the format wants a signed one. */
  signed(value: number): void {
    let rest = value;
    while (rest >= 0x40) {
      this.byte(rest % 0x80 | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Copies `source[start..end)`. */
  range(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    // Instructions are a few bytes long, and for those a loop beats making a view.
    if (length > 16) this.#bytes.set(source.subarray(start, end), this.#length);
    else for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = source[start + i] ?? 0;
    this.#length += length;
  }

  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.u32(encoded.length);
    this.raw(encoded);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.written);
    this.#bytes = grown;
  }
}
