import type { IoError } from "./error.ts";
import { Wakers } from "./readiness.ts";
import type { ByteSource } from "./streams.ts";

export interface PulledSourceOptions {
  /** The most bytes asked for at once. */
  readonly maxBytes: () => number;
  /** The next bytes; `undefined` at the end. */
  readonly read: (maxBytes: number) => Promise<Uint8Array | undefined>;
  readonly errorOf: (error: unknown) => IoError;
  readonly close: () => void;
}

/** A source that fetches one chunk ahead, no more: a slow guest slows the sender. */
export class PulledSource implements ByteSource {
  readonly #options: PulledSourceOptions;
  readonly #wakers = new Wakers();
  #chunk: Uint8Array | undefined;
  #isEnded = false;
  #failure: IoError | undefined;
  #isFetching = false;

  constructor(options: PulledSourceOptions) {
    this.#options = options;
    this.#fetch();
  }

  ready(): boolean {
    return this.#chunk !== undefined || this.#isEnded || this.#failure !== undefined;
  }

  onReady(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  read(maxBytes: number): Uint8Array | undefined {
    if (this.#chunk === undefined) {
      if (this.#failure !== undefined) throw this.#failure;
      return this.#isEnded ? undefined : new Uint8Array();
    }
    const bytes = this.#chunk.subarray(0, maxBytes);
    this.#chunk = bytes.length < this.#chunk.length ? this.#chunk.subarray(maxBytes) : undefined;
    this.#fetch();
    return bytes;
  }

  /** The guest gets no more, also of what has come already. */
  end(): void {
    this.#isEnded = true;
    this.#chunk = undefined;
    this.#wakers.wake();
  }

  close(): void {
    this.end();
    this.#options.close();
  }

  #fetch(): void {
    if (this.#isFetching || this.ready()) return;
    this.#isFetching = true;
    this.#options.read(this.#options.maxBytes()).then((chunk) => {
      if (chunk === undefined) this.#isEnded = true;
      else if (chunk.length > 0 && !this.#isEnded) this.#chunk = chunk;
    }, (error) => {
      this.#failure = this.#options.errorOf(error);
    }).finally(() => {
      this.#isFetching = false;
      this.#wakers.wake();
      this.#fetch();
    });
  }
}
