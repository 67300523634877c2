import { isIP } from "node:net";
import type { SocketAddress } from "./network_backend.ts";
import type { NetworkErrorCode } from "./network_errors.ts";

export type AddressFamily = "ipv4" | "ipv6";

/** `wasi:sockets/network` ip-address: four bytes, or eight 16-bit groups. */
export interface IpAddress {
  readonly tag: AddressFamily;
  readonly val: readonly number[];
}

/** `wasi:sockets/network` ip-socket-address. */
export type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: { readonly port: number; readonly address: readonly number[] } }
  | {
    readonly tag: "ipv6";
    readonly val: {
      readonly port: number;
      readonly flowInfo: number;
      readonly address: readonly number[];
      readonly scopeId: number;
    };
  };

export function ipAddressFromText(host: string): IpAddress {
  return isIP(host) === 4
    ? { tag: "ipv4", val: host.split(".").map(Number) }
    : { tag: "ipv6", val: ipv6Groups(host.replace(/%.*$/, "")) };
}

export function ipAddressToText({ tag, val }: IpAddress): string {
  return tag === "ipv4" ? val.join(".") : val.map((group) => group.toString(16)).join(":");
}

export function fromSocketAddress({ host, port }: SocketAddress): IpSocketAddress {
  const { tag, val: address } = ipAddressFromText(host);
  return tag === "ipv4" ? { tag, val: { port, address } } : { tag, val: { port, flowInfo: 0, address, scopeId: 0 } };
}

export function toSocketAddress({ tag, val }: IpSocketAddress): SocketAddress {
  return { host: ipAddressToText({ tag, val: val.address }), port: val.port };
}

/**
 * A local address a guest wants to bind to.
 *
 * @throws NetworkErrorCode `invalid-argument` (other family, multicast, broadcast, IPv4 dressed up as IPv6),
 * `not-supported` (an interface is named)
 */
export function checkedLocal(address: IpSocketAddress, family: AddressFamily): SocketAddress {
  if (address.tag !== family || !isUnicast(address)) throw "invalid-argument" satisfies NetworkErrorCode;
  if (address.tag === "ipv6" && address.val.scopeId !== 0) throw "not-supported" satisfies NetworkErrorCode;
  return toSocketAddress(address);
}

/** A peer a guest names: as {@link checkedLocal}, and neither its address nor its port may be left open. */
export function checkedRemote(address: IpSocketAddress, family: AddressFamily): SocketAddress {
  const remote = checkedLocal(address, family);
  if (address.val.port === 0 || address.val.address.every((part) => part === 0)) {
    throw "invalid-argument" satisfies NetworkErrorCode;
  }
  return remote;
}

export function isSameAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && canonicalHost(a.host) === canonicalHost(b.host);
}

function canonicalHost(host: string): string {
  return ipAddressToText(ipAddressFromText(host));
}

function isUnicast({ tag, val: { address } }: IpSocketAddress): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = address;
  if (tag === "ipv4") return (first & 0xf0) !== 0xe0 && !address.every((byte) => byte === 255);
  const isMappedV4 = first + second + third + fourth + fifth === 0 && sixth === 0xffff;
  return (first & 0xff00) !== 0xff00 && !isMappedV4;
}

function ipv6Groups(host: string): number[] {
  // The URL parser turns a dotted tail into groups and leaves one "::" at most.
  const canonical = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
