import { FALLBACK_GUEST_MEMORY_BYTES, GUEST_MEMORY_SHARE } from "./limits.ts";

const MIB = 1024 * 1024;

export interface GuestMemoryOptions {
  /** The most linear memory one execution may have. */
  readonly maxComponentMemoryMb: number;
  /** The most all that run may have together; default: {@link GUEST_MEMORY_SHARE} of the machine's. */
  readonly maxGuestMemoryMb: number | undefined;
}

/**
 * The memory of a node that guests may fill. An execution is promised all it may grow to before it starts, so that those
 * that run never have more together, whatever they do; instances at rest between executions come on top.
 */
export class GuestMemory {
  readonly maxBytes: number;
  /** The most one execution may have: never more than all together. */
  readonly bytesPerExecution: number;
  #promisedBytes = 0;

  constructor({ maxComponentMemoryMb, maxGuestMemoryMb }: GuestMemoryOptions) {
    this.maxBytes = maxGuestMemoryMb === undefined ? shareOfMachine() : maxGuestMemoryMb * MIB;
    this.bytesPerExecution = Math.min(maxComponentMemoryMb * MIB, this.maxBytes);
  }

  get promisedBytes(): number {
    return this.#promisedBytes;
  }

  /** Promises an execution its memory, unless that would be too much now. */
  take(): boolean {
    if (this.#promisedBytes + this.bytesPerExecution > this.maxBytes) return false;
    this.#promisedBytes += this.bytesPerExecution;
    return true;
  }

  giveBack(): void {
    this.#promisedBytes -= this.bytesPerExecution;
  }
}

function shareOfMachine(): number {
  try {
    return Math.floor(Deno.systemMemoryInfo().total * GUEST_MEMORY_SHARE);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return FALLBACK_GUEST_MEMORY_BYTES;
    throw error;
  }
}
