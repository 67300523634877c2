import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { HostImports } from "../component/types.ts";
import { describeError } from "@/domain/mod.ts";
import { IoError } from "./error.ts";
import { MAX_NAME_CHARS, MAX_STREAM_CHUNK_BYTES, MAX_TLS_CONNECTIONS, MAX_UNSENT_TLS_BYTES } from "./limits.ts";
import { Pending } from "./pending.ts";
import { Pollable } from "./poll.ts";
import { PulledSource } from "./pulled_source.ts";
import { PushedSink } from "./pushed_sink.ts";
import type { GuestScope } from "./scope.ts";
import { StreamPair } from "./stream_pair.ts";
import { InputStream, OutputStream } from "./streams.ts";

type Result<Ok, Err> = { readonly tag: "ok"; readonly val: Ok } | { readonly tag: "err"; readonly val: Err };

type ClientStreams = readonly [ClientConnection, InputStream, OutputStream];

/**
 * `wasi:tls` 0.2.0-draft, client side (spec/engine.md 2.6): TLS over streams the guest has, so it opens nothing and
 * needs no permission. Trusted are the Mozilla roots the platform brings along.
 */
export function createTls(scope: GuestScope): HostImports {
  let sessions = 0;

  class GuestHandshake {
    readonly #serverName: string;
    readonly #streams: readonly [InputStream, OutputStream];

    constructor(serverName: string, input: InputStream, output: OutputStream) {
      this.#serverName = serverName;
      this.#streams = [input, output];
    }

    static finish(handshake: GuestHandshake): FutureClientStreams {
      return new FutureClientStreams(handshake.#start(), scope);
    }

    async #start(): Promise<TlsSession> {
      if (sessions >= MAX_TLS_CONNECTIONS) throw new Error(`the component has ${sessions} TLS connections already`);
      const session = new TlsSession(this.#serverName, this.#streams, scope);
      sessions++;
      void session.closed.then(() => sessions--);
      await session.ready;
      return session;
    }
  }
  return { "wasi:tls/types": { ClientHandshake: GuestHandshake, ClientConnection, FutureClientStreams } };
}

/** One TLS connection and the streams beneath, which are its own now. */
class TlsSession implements Disposable {
  readonly ready: Promise<void>;
  readonly closed: Promise<void>;
  readonly source: PulledSource;
  readonly sink: PushedSink;
  readonly #socket: TLSSocket;
  readonly #scope: GuestScope;

  constructor(serverName: string, [input, output]: readonly [InputStream, OutputStream], scope: GuestScope) {
    const pair = new StreamPair({ source: input.source, sink: output.sink, signal: scope.signal });
    const socket = connect({ socket: pair, ...nameOptions(serverName) });
    this.#socket = socket;
    this.#scope = scope;
    this.ready = untilSecure(socket);
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.closed.then(() => {
      scope.disown(this);
      pair.destroy();
      input[Symbol.dispose]();
      output[Symbol.dispose]();
    });
    const chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    this.source = new PulledSource({
      maxBytes: () => MAX_STREAM_CHUNK_BYTES,
      read: async () => {
        await this.ready;
        const { done, value } = await chunks.next();
        return done === true ? undefined : value;
      },
      errorOf: ioErrorOf,
      close: () => {},
    });
    this.sink = new PushedSink({
      maxBytes: () => MAX_UNSENT_TLS_BYTES,
      write: (bytes) =>
        new Promise((resolve, reject) => socket.write(bytes, (error) => error ? reject(error) : resolve())),
      errorOf: ioErrorOf,
    }, scope);
    scope.own(this);
  }

  /** Says that nothing follows, after what was written before. */
  closeOutput(): void {
    this.sink.end(() => this.#socket.end());
  }

  /** The guest lets go: what it has written is still sent, what comes is not read. */
  release(): void {
    this.closeOutput();
    this.source.end();
    this.#socket.resume();
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    this.source.end();
    this.sink.takeUnsent();
    this.#socket.destroy();
  }
}

/** `wasi:tls/types` client-connection. */
class ClientConnection implements Disposable {
  readonly #session: TlsSession;

  constructor(session: TlsSession) {
    this.#session = session;
  }

  closeOutput(): void {
    this.#session.closeOutput();
  }

  [Symbol.dispose](): void {
    this.#session.release();
  }
}

/** `wasi:tls/types` future-client-streams. */
class FutureClientStreams implements Disposable {
  readonly #scope: GuestScope;
  readonly #work: Pending<TlsSession>;
  #isTaken = false;

  constructor(work: Promise<TlsSession>, scope: GuestScope) {
    this.#scope = scope;
    this.#work = new Pending(work, (session) => session[Symbol.dispose]());
  }

  subscribe(): Pollable {
    return new Pollable(this.#work, this.#scope);
  }

  get(): Result<Result<ClientStreams, IoError>, undefined> | undefined {
    const { outcome } = this.#work;
    if (outcome === undefined) return undefined;
    if (this.#isTaken) return { tag: "err", val: undefined };
    this.#isTaken = true;
    if (!outcome.ok) return { tag: "ok", val: { tag: "err", val: ioErrorOf(outcome.error) } };
    const { value: session } = outcome;
    const input = new InputStream(session.source, this.#scope);
    const output = new OutputStream(session.sink, this.#scope);
    return { tag: "ok", val: { tag: "ok", val: [new ClientConnection(session), input, output] } };
  }

  [Symbol.dispose](): void {
    if (!this.#isTaken) this.#work.abandon();
  }
}

/** An address has no name to send along; either way the certificate must be for it. */
function nameOptions(serverName: string): { readonly servername?: string; readonly host: string } {
  if (isIP(serverName) !== 0) return { host: serverName };
  if (serverName === "" || serverName.length > MAX_NAME_CHARS || !/^[a-z0-9._-]+$/i.test(serverName)) {
    throw new Error(`"${serverName.slice(0, MAX_NAME_CHARS)}" is no server name`);
  }
  return { servername: serverName, host: serverName };
}

function untilSecure(socket: TLSSocket): Promise<void> {
  const secure = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("the connection ended before it was secure")));
  });
  secure.catch(() => {});
  return secure;
}

function ioErrorOf(error: unknown): IoError {
  return error instanceof IoError ? error : new IoError(describeError(error));
}
