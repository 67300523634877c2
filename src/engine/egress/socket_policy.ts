import { isIP } from "node:net";
import type { SocketAddress } from "../wasi/network_backend.ts";
import { socketError } from "../wasi/network_errors.ts";
import { isPublicAddress } from "@/domain/public_address.ts";

export interface SocketOptions {
  /** Whether loopback, private and link-local addresses may be bound to, connected to and accepted from. */
  readonly allowPrivateNetworks: boolean;
}

/**
 * Checks whom a guest wants to reach.
 *
 * @throws WavsError `socket_error`: `invalid-argument` for what is no IP address, `access-denied` for one that is not
 * public
 */
export function requirePeer({ host, port }: SocketAddress, options: SocketOptions): SocketAddress {
  requireAddress(host);
  if (!isAllowedPeer(host, options)) throw privateAddress(host);
  return { host, port };
}

/** Whether bytes may go to or come from this address. IPv4 dressed up as IPv6 is nobody's. */
export function isAllowedPeer(host: string, { allowPrivateNetworks }: SocketOptions): boolean {
  return isPublicAddress(host) || (allowPrivateNetworks && !host.toLowerCase().startsWith("::ffff:"));
}

/**
 * Checks a local address. All interfaces at once is fine, as peers are checked one by one; a particular one must be
 * public.
 *
 * @throws WavsError `socket_error`: `invalid-argument`, `access-denied`
 */
export function requireLocal({ host, port }: SocketAddress, options: SocketOptions): SocketAddress {
  requireAddress(host);
  if (!isUnspecified(host) && !isAllowedPeer(host, options)) throw privateAddress(host);
  return { host, port };
}

function isUnspecified(host: string): boolean {
  return /^[0.:]+$/.test(host);
}

/** A name would be looked up, and only what is checked may be connected. */
function requireAddress(host: string): void {
  if (isIP(host) === 0) throw socketError("invalid-argument", `"${host}" is no IP address`);
}

function privateAddress(host: string): ReturnType<typeof socketError> {
  return socketError("access-denied", `the address "${host}" is not public; see allow_private_networks`);
}
