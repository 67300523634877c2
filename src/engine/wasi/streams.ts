import type { HostInterface } from "@/engine/component/types.ts";
import { IoError } from "./error.ts";
import { MAX_STREAM_CHUNK_BYTES } from "./limits.ts";
import { Pollable } from "./poll.ts";
import { type Readiness, untilAnyReady } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import { trap } from "./trap.ts";

/** Where an input stream's bytes come from. */
export interface ByteSource extends Readiness {
  /**
   * Bytes at hand, at most `maxBytes`; empty when there are none yet, `undefined` at the end.
   *
   * @throws IoError when it failed
   */
  read(maxBytes: number): Uint8Array | undefined;
  close(): void;
}

/** Where an output stream's bytes go. It is ready when it takes bytes, has failed or is closed. */
export interface ByteSink extends Readiness {
  /**
   * Bytes it takes now; `undefined` when it takes none any more.
   *
   * @throws IoError when it failed
   */
  capacity(): number | undefined;
  /** Takes at most {@link capacity} bytes. */
  write(bytes: Uint8Array): void;
  /** Whether everything written has reached its destination. */
  flushed(): boolean;
  close(): void;
}

export type StreamError = { readonly tag: "last-operation-failed"; readonly val: IoError } | { readonly tag: "closed" };

const CLOSED: StreamError = { tag: "closed" };

/** Runs one operation, turning an {@link IoError} into what streams answer. */
function attempt<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof IoError) throw { tag: "last-operation-failed", val: error } satisfies StreamError;
    throw error;
  }
}

/** `wasi:io/streams` input-stream. */
export class InputStream implements Disposable {
  readonly source: ByteSource;
  readonly #scope: GuestScope;
  #ended = false;

  constructor(source: ByteSource, scope: GuestScope) {
    this.source = source;
    this.#scope = scope;
    scope.own(this);
  }

  read(length: bigint): Uint8Array {
    return this.take(chunkBytes(length));
  }

  blockingRead(length: bigint): Uint8Array | Promise<Uint8Array> {
    return this.#whenReady(() => this.read(length));
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  blockingSkip(length: bigint): bigint | Promise<bigint> {
    return this.#whenReady(() => this.skip(length));
  }

  subscribe(): Pollable {
    return new Pollable(this.source, this.#scope);
  }

  /** At most `maxBytes` of what is at hand. */
  take(maxBytes: number): Uint8Array {
    if (this.#ended) throw CLOSED;
    if (maxBytes === 0) return new Uint8Array();
    try {
      const bytes = attempt(() => this.source.read(maxBytes));
      if (bytes !== undefined) return bytes;
    } catch (error) {
      this.#ended = true;
      throw error;
    }
    this.#ended = true;
    throw CLOSED;
  }

  #whenReady<T>(operation: () => T): T | Promise<T> {
    if (this.#ended || this.source.ready()) return operation();
    return this.#scope.wait(untilAnyReady([this.source], this.#scope.signal).then(operation));
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    this.source.close();
  }
}

/** `wasi:io/streams` output-stream. */
export class OutputStream implements Disposable {
  readonly sink: ByteSink;
  readonly #scope: GuestScope;

  constructor(sink: ByteSink, scope: GuestScope) {
    this.sink = sink;
    this.#scope = scope;
    scope.own(this);
  }

  checkWrite(): bigint {
    return BigInt(this.#permitted());
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > this.#permitted()) throw trap("it wrote more to a stream than the stream said it would take");
    attempt(() => this.sink.write(bytes));
  }

  blockingWriteAndFlush(bytes: Uint8Array): void | Promise<void> {
    if (bytes.length <= this.#permitted()) {
      this.write(bytes);
      return this.blockingFlush();
    }
    return this.#scope.wait(this.#writeAll(bytes));
  }

  /** Every sink sends what it has without being asked. */
  flush(): void {
    this.#permitted();
  }

  blockingFlush(): void | Promise<void> {
    this.#permitted();
    if (!this.sink.flushed()) return this.#scope.wait(this.#untilFlushed());
  }

  subscribe(): Pollable {
    return new Pollable(this.sink, this.#scope);
  }

  writeZeroes(length: bigint): void {
    if (length > this.checkWrite()) throw trap("it wrote more to a stream than the stream said it would take");
    attempt(() => this.sink.write(new Uint8Array(Number(length))));
  }

  blockingWriteZeroesAndFlush(length: bigint): void | Promise<void> {
    if (length > MAX_STREAM_CHUNK_BYTES) throw trap("it wrote too many zeroes to a stream at once");
    return this.blockingWriteAndFlush(new Uint8Array(Number(length)));
  }

  splice(source: InputStream, length: bigint): bigint {
    const bytes = source.take(Math.min(chunkBytes(length), this.#permitted()));
    attempt(() => this.sink.write(bytes));
    return BigInt(bytes.length);
  }

  blockingSplice(source: InputStream, length: bigint): bigint | Promise<bigint> {
    if (this.sink.ready() && source.source.ready()) return this.splice(source, length);
    const { signal } = this.#scope;
    const bothReady = untilAnyReady([this.sink], signal).then(() => untilAnyReady([source.source], signal));
    return this.#scope.wait(bothReady.then(() => this.splice(source, length)));
  }

  #permitted(): number {
    const capacity = attempt(() => this.sink.capacity());
    if (capacity === undefined) throw CLOSED;
    return Math.min(capacity, MAX_STREAM_CHUNK_BYTES);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      const room = this.#permitted();
      if (room === 0) {
        await this.#untilWritable();
        continue;
      }
      const chunk = bytes.subarray(offset, offset + room);
      attempt(() => this.sink.write(chunk));
      offset += chunk.length;
    }
    await this.#untilFlushed();
  }

  async #untilFlushed(): Promise<void> {
    while (!this.sink.flushed()) {
      await untilAnyReady(
        [{ ready: () => this.sink.flushed(), onReady: (wake) => this.sink.onReady(wake) }],
        this.#scope.signal,
      );
      this.#stopIfEnded();
      this.#permitted();
    }
  }

  async #untilWritable(): Promise<void> {
    await untilAnyReady([this.sink], this.#scope.signal);
    this.#stopIfEnded();
  }

  /** A wait is over too when the execution is; then nobody reads what this throws. */
  #stopIfEnded(): void {
    if (this.#scope.signal.aborted) throw CLOSED;
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    this.sink.close();
  }
}

function chunkBytes(length: bigint): number {
  return length > MAX_STREAM_CHUNK_BYTES ? MAX_STREAM_CHUNK_BYTES : Number(length);
}

export const streamsInterface: HostInterface = { InputStream, OutputStream };
