import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP } from "node:net";
import type { Datagram, SocketAddress } from "../wasi/network_backend.ts";
import { MAX_DATAGRAMS_PER_CALL } from "../wasi/limits.ts";
import { socketError } from "../wasi/network_errors.ts";
import { DATAGRAM_OVERHEAD_BYTES, MAX_WAITING_DATAGRAM_BYTES } from "./limits.ts";
import { attemptSocket } from "./socket_errors.ts";
import { isAllowedPeer, requireLocal, requirePeer, type SocketOptions } from "./socket_policy.ts";

/** @throws WavsError `socket_error` */
export async function bindUdp(local: SocketAddress, options: SocketOptions): Promise<HostUdpSocket> {
  const { host: address, port } = requireLocal(local, options);
  const socket = isIP(address) === 4 ? createSocket("udp4") : createSocket({ type: "udp6", ipv6Only: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject);
  socket.bind({ address, port }, resolve);
  await attemptSocket(() => promise);
  socket.off("error", reject);
  return new HostUdpSocket(socket, options);
}

/** A UDP socket. What arrives waits, bounded, until it is asked for. */
export class HostUdpSocket {
  readonly local: SocketAddress;
  readonly #socket: Socket;
  readonly #options: SocketOptions;
  readonly #waiting: Datagram[] = [];
  #waitingBytes = 0;
  #arrived = Promise.withResolvers<void>();

  constructor(socket: Socket, options: SocketOptions) {
    this.#socket = socket;
    this.#options = options;
    const { address, port } = socket.address();
    this.local = { host: address, port };
    this.#arrived.promise.catch(() => {});
    socket.on("message", (data, from) => this.#keep(data, from));
    socket.on("error", (error) => this.#arrived.reject(error));
    socket.on("close", () => this.#arrived.reject(socketError("connection-aborted", "the socket was closed")));
  }

  /** Sends in order. @returns how many were sent; a failure counts only when it is the first's */
  async send(datagrams: readonly Datagram[]): Promise<number> {
    let sent = 0;
    for (const { data, remote } of datagrams.slice(0, MAX_DATAGRAMS_PER_CALL)) {
      try {
        await attemptSocket(() => this.#send(data, requirePeer(remote, this.#options)));
      } catch (error) {
        if (sent === 0) throw error;
        break;
      }
      sent++;
    }
    return sent;
  }

  async receive(): Promise<readonly Datagram[]> {
    while (this.#waiting.length === 0) await attemptSocket(() => this.#arrived.promise);
    const taken = this.#waiting.splice(0, MAX_DATAGRAMS_PER_CALL);
    for (const datagram of taken) this.#waitingBytes -= weightOf(datagram);
    return taken;
  }

  setHopLimit(hops: number): void {
    this.#socket.setTTL(hops);
  }

  close(): void {
    this.#socket.close();
  }

  #send(data: Uint8Array, { host, port }: SocketAddress): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.send(data, port, host, (error) => error === null ? resolve() : reject(error))
    );
  }

  #keep(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    if (!isAllowedPeer(address, this.#options)) return;
    // A view, which `slice` of a Buffer is too, would drag its whole buffer across the port.
    const datagram = { data: new Uint8Array(bytes), remote: { host: address, port } };
    if (this.#waitingBytes + weightOf(datagram) > MAX_WAITING_DATAGRAM_BYTES) return;
    this.#waitingBytes += weightOf(datagram);
    this.#waiting.push(datagram);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    this.#arrived.promise.catch(() => {});
  }
}

function weightOf({ data }: Datagram): number {
  return data.length + DATAGRAM_OVERHEAD_BYTES;
}
