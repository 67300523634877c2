import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { WavsError } from "@/domain/mod.ts";
import { isPublicAddress } from "@/domain/public_address.ts";
import { httpError } from "./errors.ts";

export interface AddressPolicy {
  /** Whether loopback, private and link-local addresses may be connected to. */
  readonly allowPrivateNetworks: boolean;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Finds the addresses of a name. */
export type ResolveName = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Asks the machine's resolver. */
export function resolveName(hostname: string): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => error === null ? resolve(addresses) : reject(error));
  });
}

/**
 * Literals are connected without a lookup, so they are checked before.
 *
 * @throws WavsError `http_error` `HTTP-request-denied`
 */
export function refusePrivateLiteral(url: URL, { allowPrivateNetworks }: AddressPolicy): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivateNetworks && isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddress(host, host);
}

/** The addresses of a name that may be connected to, for the connection to choose from: it asks nobody again. */
export function checkedLookup({ allowPrivateNetworks }: AddressPolicy, resolve: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then((addresses) => {
      const usable = addresses.filter(({ address }) => allowPrivateNetworks || isPublicAddress(address));
      const [first] = usable;
      if (first === undefined) throw privateAddress(hostname, addresses[0]?.address ?? "no address");
      if (options.all === true) callback(null, [...usable]);
      else callback(null, first.address, first.family);
    }).catch((error) => callback(error, []));
  };
}

/**
 * The wall behind the lookup: what a socket is really connected to.
 *
 * @throws WavsError `http_error` `HTTP-request-denied`
 */
export function refusePrivatePeer(hostname: string, peer: string | undefined, policy: AddressPolicy): void {
  if (policy.allowPrivateNetworks || (peer !== undefined && isPublicAddress(peer))) return;
  throw privateAddress(hostname, peer ?? "no address");
}

function privateAddress(hostname: string, address: string): WavsError {
  const what = hostname === address ? `"${address}"` : `"${hostname}" leads to "${address}", which`;
  return httpError("HTTP-request-denied", `${what} is not a public address; see allow_private_networks`);
}
