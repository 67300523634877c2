import type { ModuleState } from "@/engine/metering/mod.ts";
import { MAX_SNAPSHOT_BYTES } from "../limits.ts";

/** Memory is compared with zero in steps of this many bytes. */
const BLOCK_BYTES = 4096;

interface MemoryImage {
  readonly bytes: number;
  /** In order, covering the memory; without content where all is zero. */
  readonly ranges: readonly MemoryRange[];
}

interface MemoryRange {
  readonly start: number;
  readonly end: number;
  readonly content: Uint8Array | undefined;
}

interface ModuleImage {
  readonly memory: MemoryImage | undefined;
  readonly globals: readonly (number | bigint)[];
}

/** The state of a component's core instances right after they were made, which is the same every time. */
export class Snapshot {
  readonly #images: readonly ModuleImage[];

  private constructor(images: readonly ModuleImage[]) {
    this.#images = images;
  }

  /** Copies the state, or answers undefined when its memories are larger than a snapshot may be. */
  static take(states: readonly ModuleState[]): Snapshot | undefined {
    const bytes = states.reduce((sum, { memory }) => sum + (memory?.buffer.byteLength ?? 0), 0);
    if (bytes > MAX_SNAPSHOT_BYTES) return undefined;
    return new Snapshot(states.map(({ memory, globals }) => ({
      memory: memory === undefined ? undefined : imageOf(memory.buffer),
      globals: globals.map((global) => global.value as number | bigint),
    })));
  }

  /** Puts instances back. False when that cannot be done because a memory has grown: memories do not shrink. */
  restore(states: readonly ModuleState[]): boolean {
    const grew = states.some(({ memory }, i) => memory?.buffer.byteLength !== this.#images[i]?.memory?.bytes);
    if (grew) return false;
    states.forEach(({ memory, globals }, i) => {
      const image = this.#images[i];
      globals.forEach((global, g) => global.value = image?.globals[g]);
      if (memory !== undefined) restoreMemory(memory.buffer, image?.memory?.ranges ?? []);
    });
    return true;
  }
}

function restoreMemory(buffer: ArrayBufferLike, ranges: readonly MemoryRange[]): void {
  const bytes = new Uint8Array(buffer);
  for (const { start, end, content } of ranges) {
    if (content === undefined) bytes.fill(0, start, end);
    else bytes.set(content, start);
  }
}

function imageOf(buffer: ArrayBufferLike): MemoryImage {
  const ranges: { start: number; end: number; isZero: boolean }[] = [];
  for (let start = 0; start < buffer.byteLength; start += BLOCK_BYTES) {
    const isZero = new BigUint64Array(buffer, start, BLOCK_BYTES / 8).every((word) => word === 0n);
    const last = ranges.at(-1);
    if (last?.isZero === isZero) last.end += BLOCK_BYTES;
    else ranges.push({ start, end: start + BLOCK_BYTES, isZero });
  }
  return {
    bytes: buffer.byteLength,
    ranges: ranges.map(({ start, end, isZero }) => ({
      start,
      end,
      content: isZero ? undefined : new Uint8Array(buffer, start, end - start).slice(),
    })),
  };
}
