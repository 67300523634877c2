import { DEFAULT_SOCKET_BUFFER_BYTES, MAX_SOCKET_BUFFER_BYTES, MIN_SOCKET_BUFFER_BYTES } from "./limits.ts";
import type { AddressFamily } from "./network_addresses.ts";
import type { NetworkErrorCode } from "./network_errors.ts";

/** What Linux does, and what the platform offers no way to change; in nanoseconds. */
const KEEP_ALIVE_IDLE_NS = 7200_000_000_000n;
const KEEP_ALIVE_INTERVAL_NS = 75_000_000_000n;
const KEEP_ALIVE_PROBES = 9;

/** The hop limit of every new socket. */
export const DEFAULT_HOP_LIMIT = 64;

/** @throws NetworkErrorCode `invalid-argument` for zero, which no option takes */
export function refuseZero(value: number | bigint): void {
  if (BigInt(value) === 0n) throw "invalid-argument" satisfies NetworkErrorCode;
}

/** How large a buffer of this size is on this host: sizes may be clamped silently. */
export function clampBufferSize(value: bigint): number {
  refuseZero(value);
  if (value > MAX_SOCKET_BUFFER_BYTES) return MAX_SOCKET_BUFFER_BYTES;
  return Math.max(MIN_SOCKET_BUFFER_BYTES, Number(value));
}

/**
 * The options of a TCP socket. Keep-alive is set on the connection and the buffer sizes are those of this host's own
 * buffers. Times and counts of keep-alive are the system's: setting one is accepted and clamped to it, as the interface
 * allows. Another hop limit is `not-supported`.
 */
export class TcpOptions {
  readonly #family: AddressFamily;
  #keepAlive = false;
  #receiveBytes = DEFAULT_SOCKET_BUFFER_BYTES;
  #sendBytes = DEFAULT_SOCKET_BUFFER_BYTES;

  constructor(family: AddressFamily) {
    this.#family = family;
  }

  /** An accepted socket starts with the options of the one it was accepted on. */
  protected inherit(other: TcpOptions): void {
    this.#keepAlive = other.#keepAlive;
    this.#receiveBytes = other.#receiveBytes;
    this.#sendBytes = other.#sendBytes;
  }

  /** For a socket that has a connection to apply it to. */
  protected applyKeepAlive(_enabled: boolean): void {}

  addressFamily(): AddressFamily {
    return this.#family;
  }

  keepAliveEnabled(): boolean {
    return this.#keepAlive;
  }

  setKeepAliveEnabled(value: boolean): void {
    this.#keepAlive = value;
    this.applyKeepAlive(value);
  }

  keepAliveIdleTime(): bigint {
    return KEEP_ALIVE_IDLE_NS;
  }

  setKeepAliveIdleTime(value: bigint): void {
    refuseZero(value);
  }

  keepAliveInterval(): bigint {
    return KEEP_ALIVE_INTERVAL_NS;
  }

  setKeepAliveInterval(value: bigint): void {
    refuseZero(value);
  }

  keepAliveCount(): number {
    return KEEP_ALIVE_PROBES;
  }

  setKeepAliveCount(value: number): void {
    refuseZero(value);
  }

  hopLimit(): number {
    return DEFAULT_HOP_LIMIT;
  }

  setHopLimit(value: number): void {
    refuseZero(value);
    if (value !== DEFAULT_HOP_LIMIT) throw "not-supported" satisfies NetworkErrorCode;
  }

  receiveBufferSize(): bigint {
    return BigInt(this.#receiveBytes);
  }

  setReceiveBufferSize(value: bigint): void {
    this.#receiveBytes = clampBufferSize(value);
  }

  sendBufferSize(): bigint {
    return BigInt(this.#sendBytes);
  }

  setSendBufferSize(value: bigint): void {
    this.#sendBytes = clampBufferSize(value);
  }
}
