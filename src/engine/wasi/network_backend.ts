/** An address as it crosses between isolates: the IP address in its usual spelling, never a name. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** An open TCP connection. */
export interface TcpConnection {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** The next bytes, at most `maxBytes`; `undefined` once the peer has sent its last. */
  read(maxBytes: number): Promise<Uint8Array | undefined>;
  /** Resolves when the operating system has taken all of it over. */
  write(bytes: Uint8Array): Promise<void>;
  /** Tells the peer that nothing follows, after what was written before. */
  shutdownSend(): Promise<void>;
  setKeepAlive(enabled: boolean): Promise<void>;
  /** Sends `rest`, then closes it; a peer that does not take it all soon loses it. */
  close(rest: readonly Uint8Array[]): void;
}

/** A local TCP address, taken. Peers can connect from then on; who accepts is served in their order. */
export interface TcpBinding {
  readonly local: SocketAddress;
  accept(): Promise<TcpConnection>;
  /** Connects from this address, which ends the binding. */
  connect(remote: SocketAddress): Promise<TcpConnection>;
  close(): void;
}

export interface Datagram {
  readonly data: Uint8Array;
  readonly remote: SocketAddress;
}

/** A local UDP address, taken. */
export interface UdpBinding {
  readonly local: SocketAddress;
  /** Sends in order and answers how many were sent; fails when the first could not be. */
  send(datagrams: readonly Datagram[]): Promise<number>;
  /** What has arrived, in order; waits for the first. */
  receive(): Promise<readonly Datagram[]>;
  setHopLimit(hops: number): Promise<void>;
  close(): void;
}

/**
 * Who opens sockets and resolves names: another isolate, where the address policy lives. Every failure is a WavsError `socket_error` whose
 * `meta.code` is the name of a `wasi:sockets` error-code.
 */
export interface NetworkBackend {
  bindTcp(local: SocketAddress): Promise<TcpBinding>;
  connectTcp(remote: SocketAddress): Promise<TcpConnection>;
  bindUdp(local: SocketAddress): Promise<UdpBinding>;
  /** IP addresses of a name, best first; never none. */
  resolve(name: string): Promise<readonly string[]>;
}
