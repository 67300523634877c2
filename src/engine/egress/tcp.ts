import { connect as connectNode, type Socket } from "node:net";
import type { SocketAddress } from "../wasi/network_backend.ts";
import { MAX_STREAM_CHUNK_BYTES } from "../wasi/limits.ts";
import { attemptSocket } from "./socket_errors.ts";
import { isAllowedPeer, requireLocal, requirePeer, type SocketOptions } from "./socket_policy.ts";

/** An open connection, whoever began it. Its calls fail with WavsError `socket_error`. */
export abstract class HostConnection {
  abstract readonly local: SocketAddress;
  abstract readonly remote: SocketAddress;
  /** The next bytes, as many as the platform has; `undefined` at the end. */
  protected abstract next(): Promise<Uint8Array | undefined>;
  abstract write(bytes: Uint8Array): Promise<void>;
  abstract shutdownSend(): Promise<void>;
  abstract setKeepAlive(enabled: boolean): void;
  abstract close(): void;
  #rest: Uint8Array | undefined;

  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    const chunk = this.#rest ?? await attemptSocket(() => this.next());
    if (chunk === undefined) return undefined;
    this.#rest = chunk.length > maxBytes ? chunk.subarray(maxBytes) : undefined;
    return chunk.slice(0, maxBytes);
  }
}

/** @throws WavsError `socket_error` */
export function connectTcp(
  remote: SocketAddress,
  options: SocketOptions,
  signal: AbortSignal,
): Promise<HostConnection> {
  const { host: hostname, port } = requirePeer(remote, options);
  return attemptSocket(async () => new DenoConnection(await Deno.connect({ hostname, port, signal })));
}

/** @throws WavsError `socket_error` */
export function bindTcp(local: SocketAddress, options: SocketOptions): Promise<HostListener> {
  const { host: hostname, port } = requireLocal(local, options);
  return attemptSocket(() => Promise.resolve(new HostListener(Deno.listen({ hostname, port }), options)));
}

/** A local address, taken: peers connect to it, or a connection starts from it. */
export class HostListener {
  readonly local: SocketAddress;
  readonly #listener: Deno.TcpListener;
  readonly #options: SocketOptions;

  constructor(listener: Deno.TcpListener, options: SocketOptions) {
    this.#listener = listener;
    this.#options = options;
    this.local = addressOf(listener.addr);
  }

  /** The next peer that may talk to guests; others are hung up on. */
  accept(): Promise<HostConnection> {
    return attemptSocket(async () => {
      for (;;) {
        const connection = await this.#listener.accept();
        if (isAllowedPeer(connection.remoteAddr.hostname, this.#options)) return new DenoConnection(connection);
        connection.close();
      }
    });
  }

  /** Gives the address up to one connection. */
  connect(remote: SocketAddress, signal: AbortSignal): Promise<HostConnection> {
    const { host, port } = requirePeer(remote, this.#options);
    this.close();
    const { promise, resolve, reject } = Promise.withResolvers<HostConnection>();
    const { host: localAddress, port: localPort } = this.local;
    const socket = connectNode({ host, port, localAddress, localPort, allowHalfOpen: true });
    const abort = () => socket.destroy(new DOMException("The execution has ended", "AbortError"));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => resolve(new NodeConnection(socket)));
    socket.on("error", reject);
    return attemptSocket(() => promise).finally(() => signal.removeEventListener("abort", abort));
  }

  close(): void {
    closeQuietly(this.#listener);
  }
}

class DenoConnection extends HostConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #connection: Deno.TcpConn;

  constructor(connection: Deno.TcpConn) {
    super();
    this.#connection = connection;
    this.local = addressOf(connection.localAddr);
    this.remote = addressOf(connection.remoteAddr);
  }

  protected async next(): Promise<Uint8Array | undefined> {
    const buffer = new Uint8Array(MAX_STREAM_CHUNK_BYTES);
    const read = await this.#connection.read(buffer);
    return read === null ? undefined : buffer.subarray(0, read);
  }

  write(bytes: Uint8Array): Promise<void> {
    return attemptSocket(async () => {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    });
  }

  shutdownSend(): Promise<void> {
    return attemptSocket(() => this.#connection.closeWrite());
  }

  setKeepAlive(enabled: boolean): void {
    this.#connection.setKeepAlive(enabled);
  }

  close(): void {
    closeQuietly(this.#connection);
  }
}

/** Only Node's interface connects from an address of one's choice. */
class NodeConnection extends HostConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
    this.local = { host: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    this.remote = { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  }

  protected async next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#chunks.next();
    // A view, which `slice` of a Buffer is too, would drag its whole buffer across the port.
    return done === true ? undefined : new Uint8Array(value);
  }

  write(bytes: Uint8Array): Promise<void> {
    return attemptSocket(() =>
      new Promise((resolve, reject) => this.#socket.write(bytes, (error) => error ? reject(error) : resolve()))
    );
  }

  shutdownSend(): Promise<void> {
    return attemptSocket(() => new Promise((resolve) => this.#socket.end(resolve)));
  }

  setKeepAlive(enabled: boolean): void {
    this.#socket.setKeepAlive(enabled);
  }

  close(): void {
    this.#socket.destroy();
  }
}

function addressOf({ hostname, port }: Deno.NetAddr): SocketAddress {
  return { host: hostname, port };
}

/** What broke is closed already. */
function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
