import type { Random } from "./random.ts";

/** Writes WebAssembly binary, every integer in as many bytes as it pleases where the format lets it. */
export class WasmWriter {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An unsigned integer, now and then with bytes it does not need. */
  u32(value: number): number[] {
    const bytes: number[] = [];
    let rest = value;
    do {
      bytes.push(rest % 0x80 | 0x80);
      rest = Math.floor(rest / 0x80);
    } while (rest > 0);
    if (this.#random.chance(4)) {
      for (let spare = this.#random.below(6 - bytes.length); spare > 0; spare--) bytes.push(0x80);
    }
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) & 0x7f;
    return bytes;
  }

  /** A signed integer of 32 bits. */
  s32(value: number): number[] {
    const bytes: number[] = [];
    for (let rest = value;; rest >>= 7) {
      const byte = rest & 0x7f;
      const isLast = rest === byte - (byte & 0x40) * 2;
      bytes.push(isLast ? byte : byte | 0x80);
      if (isLast) return bytes;
    }
  }

  vector(items: readonly (readonly number[])[]): number[] {
    return [...this.u32(items.length), ...items.flat()];
  }

  sized(content: readonly number[]): number[] {
    return [...this.u32(content.length), ...content];
  }

  section(id: number, content: readonly number[]): number[] {
    return [id, ...this.sized(content)];
  }

  name(text: string): number[] {
    return this.sized([...new TextEncoder().encode(text)]);
  }
}
