import { MAX_MDNS_ADDRESSES } from "../limits.ts";
import { peerOf } from "./addresses.ts";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";

/** What all of libp2p asks for on a local network. */
export const SERVICE_NAME = "_p2p._udp.local";

const TTL_SECONDS = 360;

/** Longest text of a TXT record. */
const MAX_TXT_BYTES = 255;

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl?: number;
  readonly class?: string;
  readonly data?: unknown;
}

export interface DnsPacket {
  readonly questions?: readonly DnsRecord[];
  readonly answers?: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
}

export interface HeardPeer {
  readonly peerId: string;
  readonly addresses: readonly Multiaddr[];
}

/**
 * An answer that tells where a peer is. The addresses stand in the additional section: Rust nodes look nowhere else.
 *
 * @param label a random name that says nothing of the peer
 * @param addresses with the peer's id at their ends
 */
export function announcement(label: string, addresses: readonly string[]): DnsPacket {
  const name = `${label}.${SERVICE_NAME}`;
  const texts = addresses.map((address) => `dnsaddr=${address}`).filter((text) => text.length <= MAX_TXT_BYTES);
  const common = { ttl: TTL_SECONDS, class: "IN" };
  return {
    answers: [{ ...common, name: SERVICE_NAME, type: "PTR", data: name }],
    additionals: texts.slice(0, MAX_MDNS_ADDRESSES).map((data) => ({ ...common, name, type: "TXT", data })),
  };
}

/** The peers that an answer tells of, wherever it has their addresses. What is no address is left out. */
export function heardIn({ answers = [], additionals = [] }: DnsPacket): readonly HeardPeer[] {
  const records = [...answers, ...additionals];
  return answers.filter(({ name, type }) => name === SERVICE_NAME && type === "PTR").flatMap(({ data: owner }) => {
    const addresses = records.filter(({ name, type }) => name === owner && type === "TXT")
      .flatMap(({ data }) => addressesIn(data)).slice(0, MAX_MDNS_ADDRESSES);
    const [peerId] = addresses.map(peerOf);
    return peerId === undefined
      ? []
      : [{ peerId, addresses: addresses.filter((address) => peerOf(address) === peerId) }];
  });
}

export function isAsked({ questions = [] }: DnsPacket): boolean {
  return questions.some(({ name }) => name === SERVICE_NAME);
}

/** A TXT record holds one text or several, as bytes. */
function addressesIn(data: unknown): Multiaddr[] {
  const texts = (Array.isArray(data) ? data : [data]).map((text) =>
    text instanceof Uint8Array ? new TextDecoder().decode(text) : String(text)
  );
  return texts.flatMap((text) => {
    if (!text.startsWith("dnsaddr=")) return [];
    try {
      return [multiaddr(text.slice("dnsaddr=".length))];
    } catch {
      // Anybody on the network may send anything.
      return [];
    }
  });
}
