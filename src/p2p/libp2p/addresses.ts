import { CODE_P2P, type Multiaddr, multiaddr } from "@multiformats/multiaddr";

const IP4 = /^\/ip4\/(\d+)\.(\d+)\.\d+\.\d+\/tcp\/\d+(?:\/p2p\/\w+)?$/;
const NAME = /^\/dns4?\/[^/]+\/tcp\/\d+(?:\/p2p\/\w+)?$/;

/**
 * Whether an address that a stranger told may be dialled: TCP over IPv4, and not the link-local range, where clouds
 * keep the credentials of their machines. Private addresses are how operators of one network reach each other.
 */
export function isDialable(address: Multiaddr): boolean {
  const [, first = "", second = ""] = IP4.exec(address.toString()) ?? [];
  if (first === "") return NAME.test(address.toString());
  const [a, b] = [Number(first), Number(second)];
  return a > 0 && a < 224 && !(a === 169 && b === 254);
}

/** The address as it is dialled: with the id of the peer that is to be there. */
export function withPeer(address: Multiaddr, peerId: string): Multiaddr {
  return multiaddr(`${address.decapsulateCode(CODE_P2P)}/p2p/${peerId}`);
}

/** The id that an address ends in. */
export function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value;
}
