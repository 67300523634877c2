import { IoError } from "./error.ts";
import type { TcpConnection } from "./network_backend.ts";
import { networkErrorOf } from "./network_errors.ts";
import { PulledSource } from "./pulled_source.ts";
import { PushedSink } from "./pushed_sink.ts";
import type { GuestScope } from "./scope.ts";
import { InputStream, OutputStream } from "./streams.ts";
import type { TcpOptions } from "./tcp_options.ts";

/** What flows over one connection, in both directions. It outlives its streams: closing is the socket's business. */
export class TcpTraffic {
  readonly connection: TcpConnection;
  readonly #scope: GuestScope;
  readonly #source: PulledSource;
  readonly #sink: PushedSink;

  constructor(connection: TcpConnection, options: TcpOptions, scope: GuestScope) {
    this.connection = connection;
    this.#scope = scope;
    this.#source = new PulledSource({
      maxBytes: () => Number(options.receiveBufferSize()),
      read: (maxBytes) => connection.read(maxBytes),
      errorOf: ioErrorOf,
      close: () => {},
    });
    this.#sink = new PushedSink({
      maxBytes: () => Number(options.sendBufferSize()),
      write: (bytes) => connection.write(bytes),
      errorOf: ioErrorOf,
    }, scope);
  }

  streams(): readonly [InputStream, OutputStream] {
    return [new InputStream(this.#source, this.#scope), new OutputStream(this.#sink, this.#scope)];
  }

  shutdownReceive(): void {
    this.#source.end();
  }

  shutdownSend(): void {
    // The peer of a connection that broke meanwhile learns that anyway.
    this.#sink.end(() => void this.connection.shutdownSend().catch(() => {}));
  }

  close(): void {
    this.#source.end();
    this.connection.close(this.#sink.takeUnsent());
  }
}

function ioErrorOf(error: unknown): IoError {
  const { code, text } = networkErrorOf(error);
  return new IoError(text, code);
}
