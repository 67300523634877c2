import type { Connection, PeerId, Stream } from "@libp2p/interface";
import type { GossipSub } from "@libp2p/gossipsub";
import { WavsError } from "@/domain/mod.ts";
import type { Rpc, RpcControl } from "./rpc_parts.ts";

/** What the router is asked to open streams of gossip over. */
export interface StreamRequest {
  readonly peerId: PeerId;
  readonly connection: Connection;
}

/**
 * What is touched of the router besides its interface. Its version is pinned, and {@link internalsOf} refuses one that
 * differs.
 */
export interface GossipInternals {
  readonly direct: Set<string>;
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>;
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>;
  readonly streamsOutbound: Map<string, { readonly rawStream: Stream }>;
  readonly control: Map<string, RpcControl>;
  readonly gossip: Map<string, RpcControl["ihave"]>;
  outboundInflightQueue: { push(request: StreamRequest): unknown; end(): unknown };
  createOutboundStream(peerId: PeerId, connection: Connection): Promise<void>;
  onPeerConnected(peerId: PeerId, connection: Connection): void;
  handleReceivedRpc(from: PeerId, rpc: Rpc): Promise<void>;
  handlePeerReadStreamError(error: Error, peerId: PeerId): void;
  sendRpc(peerId: string, rpc: Rpc): boolean;
  piggybackControl(peerId: string, rpc: Rpc, control: RpcControl): void;
  piggybackGossip(peerId: string, rpc: Rpc, ihave: RpcControl["ihave"]): void;
}

const MAPS = ["mesh", "topics", "streamsOutbound", "control", "gossip"] as const;
const METHODS = [
  "createOutboundStream",
  "onPeerConnected",
  "handleReceivedRpc",
  "handlePeerReadStreamError",
  "sendRpc",
  "piggybackControl",
  "piggybackGossip",
] as const;

/** @throws WavsError `p2p_library_changed` */
export function internalsOf(router: GossipSub): GossipInternals {
  const internals = router as unknown as GossipInternals;
  const fits = internals.direct instanceof Set && MAPS.every((name) => internals[name] instanceof Map) &&
    METHODS.every((name) => typeof internals[name] === "function");
  if (fits) return internals;
  throw new WavsError("p2p_library_changed", {
    message: "Cannot use this version of @libp2p/gossipsub because it is made differently from the one that is pinned",
    retryable: false,
  });
}
