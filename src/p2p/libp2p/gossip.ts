import { type GossipSub, gossipsub, type GossipSubComponents, type Message, StrictSign } from "@libp2p/gossipsub";
import { gossipMessageId, utf8Bytes } from "@/domain/mod.ts";
import type { P2pConfig } from "@/config/types.ts";
import { MAX_FRAME_BYTES, MAX_OUTBOUND_BUFFER_BYTES, MAX_TOPIC_BYTES_PER_PEER } from "../limits.ts";

/** What differs between a network of one room and one of the world (spec/network.md 5.5). */
const PARAMETERS = {
  local: { heartbeatInterval: 100, Dlo: 0, D: 1, Dhi: 2, Dout: 0, seenTTL: 30_000, mcacheLength: 3, mcacheGossip: 2 },
  remote: {
    heartbeatInterval: 1_000,
    Dlo: 4,
    D: 6,
    Dhi: 12,
    Dout: 2,
    seenTTL: 60_000,
    mcacheLength: 5,
    mcacheGossip: 3,
  },
} as const;

/**
 * The router of gossip, set so that other implementations take it for one of theirs (spec/network.md 5.5).
 *
 * Scores are off: operators may share an address, and Rust nodes answer GRAFT with PRUNE, for which the defaults would
 * punish them. Each peer's stream is read one message after the other, so that nothing piles up here.
 */
export function createGossip(discovery: P2pConfig["discovery"]): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    ...PARAMETERS[discovery],
    globalSignaturePolicy: StrictSign,
    msgIdFn: messageId,
    msgIdToStrFn: (id) => new TextDecoder().decode(id),
    fallbackToFloodsub: false,
    floodPublish: true,
    allowPublishToZeroTopicPeers: false,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    doPX: false,
    tagMeshPeers: false,
    Dlazy: 6,
    gossipFactor: 0.25,
    fanoutTTL: 60_000,
    pruneBackoff: 60_000,
    unsubcribeBackoff: 10_000,
    directConnectTicks: 300,
    gossipsubIWantFollowupMs: 3_000,
    idontwantMinDataSize: 1_000,
    maxInboundDataLength: MAX_FRAME_BYTES,
    maxOutboundBufferSize: MAX_OUTBOUND_BUFFER_BYTES,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0 },
  });
}

/** The ASCII of the decimal id (spec/wire.md A). */
function messageId(message: Message): Uint8Array {
  const source = message.type === "signed" ? message.from.toMultihash() : undefined;
  return utf8Bytes(gossipMessageId({ data: message.data, source, topic: message.topic }));
}
