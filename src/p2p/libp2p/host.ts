import { autoNAT, type AutoNATComponents } from "@libp2p/autonat";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type { GossipSub } from "@libp2p/gossipsub";
import { type Identify, identify } from "@libp2p/identify";
import type { ConnectionGater, Libp2p, ServiceMap } from "@libp2p/interface";
import { type KadDHT, kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { noise } from "@libp2p/noise";
import type { Ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import type { P2pConfig } from "@/config/types.ts";
import type { Logger } from "@/context/mod.ts";
import { describeError, WavsError } from "@/domain/mod.ts";
import {
  DIAL_TIMEOUT_MS,
  MAX_ADDRESSES_PER_PEER,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_HOST_AND_SECOND,
  MAX_PENDING_CONNECTIONS,
  NEGOTIATION_TIMEOUT_MS,
} from "../limits.ts";
import { BoundedDatastore } from "./bounded_datastore.ts";
import { createGossip } from "./gossip.ts";
import { liveness } from "./liveness.ts";
import { createQuietLogger } from "./quiet_logger.ts";

interface Services extends ServiceMap {
  readonly gossip: GossipSub;
  readonly identify: Identify;
}

interface RemoteServices extends Services {
  readonly ping: Ping;
  readonly kademlia: KadDHT;
  readonly autoNat: unknown;
}

/** As long as a timer can wait. */
const NEVER_MS = 2_147_483_647;

/** A libp2p node; only one that discovers remote peers has Kademlia. */
export type Host = Libp2p<Services & Partial<RemoteServices>>;

export interface HostOptions {
  readonly config: P2pConfig;
  readonly seed: Uint8Array;
  /** Of the node, told to peers. */
  readonly version: string;
}

export interface HostModules {
  readonly log: Logger;
  readonly gater: ConnectionGater;
}

/**
 * Starts a node of the stack that other implementations speak (spec/network.md 5.3): TCP over IPv4, noise, yamux,
 * identify, gossipsub; Kademlia as a server and AutoNAT for remote peers.
 *
 * @throws WavsError `p2p_listen_failed`
 */
export async function startHost({ config, seed, version }: HostOptions, { log, gater }: HostModules): Promise<Host> {
  const services = { gossip: createGossip(config.discovery), identify: identify({ timeout: NEGOTIATION_TIMEOUT_MS }) };
  const remote = {
    ping: liveness(),
    kademlia: kadDHT({
      protocol: "/ipfs/kad/1.0.0",
      clientMode: false,
      peerInfoMapper: passthroughMapper,
      allowQueryWithZeroPeers: true,
      // It is asked who is near, when and how often, elsewhere.
      initialQuerySelfInterval: NEVER_MS,
      querySelfInterval: NEVER_MS,
    }),
    autoNat: (components: AutoNATComponents) => autoNAT()(components),
  };
  try {
    return await createLibp2p<Services & Partial<RemoteServices>>({
      privateKey: await generateKeyPairFromSeed("Ed25519", seed),
      nodeInfo: { name: "wavs", version, userAgent: `wavs/${version}` },
      logger: createQuietLogger(log),
      datastore: new BoundedDatastore(),
      addresses: { listen: [`/ip4/0.0.0.0/tcp/${config.listenPort}`], announce: [...config.announceAddresses] },
      transports: [tcp({ maxConnections: MAX_CONNECTIONS + MAX_PENDING_CONNECTIONS })],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: gater,
      connectionManager: {
        maxConnections: MAX_CONNECTIONS,
        maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
        inboundConnectionThreshold: MAX_CONNECTIONS_PER_HOST_AND_SECOND,
        inboundUpgradeTimeout: NEGOTIATION_TIMEOUT_MS,
        dialTimeout: DIAL_TIMEOUT_MS,
        maxPeerAddrsToDial: MAX_ADDRESSES_PER_PEER,
        // Who is dialled again, and when, is decided elsewhere.
        reconnectRetries: 0,
      },
      services: config.discovery === "remote" ? { ...services, ...remote } : services,
    });
  } catch (cause) {
    throw new WavsError("p2p_listen_failed", {
      message: `Cannot listen for other operators on port ${config.listenPort} because ${describeError(cause)}; ` +
        "give another listen_port, or 0 for a free one",
      retryable: true,
      meta: { port: config.listenPort },
      cause,
    });
  }
}
