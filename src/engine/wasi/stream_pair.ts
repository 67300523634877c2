import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { MAX_STREAM_CHUNK_BYTES } from "./limits.ts";
import { untilAnyReady } from "./readiness.ts";
import type { ByteSink, ByteSource } from "./streams.ts";

export interface StreamPairModules {
  readonly source: ByteSource;
  readonly sink: ByteSink;
  /** Aborts when the execution ends. */
  readonly signal: AbortSignal;
}

/** A guest's two streams as one of the platform's, for protocols the host speaks over them. */
export class StreamPair extends Duplex {
  readonly #modules: StreamPairModules;

  constructor(modules: StreamPairModules) {
    super({ allowHalfOpen: true });
    this.#modules = modules;
  }

  override _read(): void {
    const { source, signal } = this.#modules;
    untilAnyReady([source], signal).then(() => {
      signal.throwIfAborted();
      const bytes = source.read(MAX_STREAM_CHUNK_BYTES);
      this.push(bytes === undefined ? null : Buffer.from(bytes));
    }).catch((error) => this.destroy(error));
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#write(chunk).then(() => done(), (error) => done(error));
  }

  async #write(chunk: Uint8Array): Promise<void> {
    const { sink, signal } = this.#modules;
    for (let offset = 0; offset < chunk.length;) {
      await untilAnyReady([sink], signal);
      const room = sink.capacity();
      if (signal.aborted || room === undefined) throw new Error("the stream beneath takes no more");
      const piece = chunk.subarray(offset, offset + Math.min(room, MAX_STREAM_CHUNK_BYTES));
      sink.write(piece);
      offset += piece.length;
    }
  }
}
