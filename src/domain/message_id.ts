import { concatBytes } from "@noble/hashes/utils.js";
import { sipHash13 } from "./siphash.ts";
import { utf8Bytes } from "./utf8.ts";

/** A peer id taken apart. */
export interface PeerMultihash {
  /** 0 for the identity hash, which ed25519 peers have. */
  readonly code: number;
  readonly digest: Uint8Array;
}

export interface GossipMessage {
  readonly data: Uint8Array;
  readonly source: PeerMultihash | undefined;
  readonly topic: string;
}

/** The id peers use for one gossip message: decimal text of a 64-bit hash (spec/wire.md A). */
export function gossipMessageId({ data, source, topic }: GossipMessage): string {
  const sourceParts = source === undefined
    ? [u64le(0)]
    : [u64le(1), u64le(source.code), u64le(source.digest.length), source.digest];
  const input = concatBytes(u64le(data.length), data, ...sourceParts, utf8Bytes(topic), Uint8Array.of(0xff));
  return String(sipHash13(input));
}

function u64le(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}
