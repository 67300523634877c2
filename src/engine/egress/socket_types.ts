import type { Datagram, SocketAddress } from "../wasi/network_backend.ts";

export interface OpenedSocket {
  /** Names it in later calls. */
  readonly socket: number;
  readonly local: SocketAddress;
}

export interface OpenedConnection extends OpenedSocket {
  readonly remote: SocketAddress;
}

/** The sockets the egress worker opens for component workers. Calls fail with WavsError `socket_error`. */
export interface SocketApi {
  bindTcp(request: { readonly job: number; readonly local: SocketAddress }): OpenedSocket;
  connectTcp(request: { readonly job: number; readonly remote: SocketAddress }): OpenedConnection;
  /** Connects from an address that was bound; the binding is over then. */
  connectBoundTcp(request: { readonly socket: number; readonly remote: SocketAddress }): OpenedConnection;
  acceptTcp(socket: number): OpenedConnection;
  readTcp(request: { readonly socket: number; readonly maxBytes: number }): Uint8Array | undefined;
  writeTcp(request: { readonly socket: number; readonly bytes: Uint8Array }): void;
  shutdownTcpSend(socket: number): void;
  setTcpKeepAlive(request: { readonly socket: number; readonly enabled: boolean }): void;
  bindUdp(request: { readonly job: number; readonly local: SocketAddress }): OpenedSocket;
  sendUdp(request: { readonly socket: number; readonly datagrams: readonly Datagram[] }): number;
  receiveUdp(socket: number): readonly Datagram[];
  setUdpHopLimit(request: { readonly socket: number; readonly hops: number }): void;
  /** The addresses of a name that guests may reach; fails when there are none. */
  resolve(name: string): readonly string[];
  /** Closes any socket, a connection once `rest` has been sent. */
  closeSocket(request: { readonly socket: number; readonly rest: readonly Uint8Array[] }): void;
  /** Closes all sockets of an execution that has ended, and those it was about to open. */
  endSockets(job: number): void;
}
