import type { HostInterface } from "@/engine/component/types.ts";

/** `wasi:io/error`: why a stream failed. `reason` is what the interface that made the stream can tell more exactly. */
export class IoError {
  readonly #text: string;
  readonly reason: unknown;

  constructor(text: string, reason?: unknown) {
    this.#text = text;
    this.reason = reason;
  }

  toDebugString(): string {
    return this.#text;
  }
}

export const ioErrorInterface: HostInterface = { Error: IoError };
