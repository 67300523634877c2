import type { P2pConfig } from "@/config/types.ts";
import type { Branded } from "@/domain/brand.ts";
import type { ServiceId } from "@/domain/ids.ts";
import type { LandingMessage } from "./landing_message.ts";
import type { RegistryChannel, RegistrySnapshot } from "@/domain/registry.ts";

/** Names a peer in the network and proves nothing about an operator: `12D3KooW…`. */
export type NetworkPeerId = Branded<string, "NetworkPeerId">;

/** Something a peer sent about a service: by its claim one submission, unread. */
export interface PeerMessage {
  readonly serviceId: ServiceId;
  /** Who handed it over; others may have written it. */
  readonly peer: NetworkPeerId;
  readonly via: "gossip" | "catch_up";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A peer says that a transaction brings an event of a service to its handler. */
export interface PeerLanding {
  readonly serviceId: ServiceId;
  readonly peer: NetworkPeerId;
  readonly landing: LandingMessage;
}

/**
 * What is thought of a message: `accept` passes it on to other peers, `ignore` does not, `reject` counts against the
 * peer as well.
 */
export type Verdict = "accept" | "ignore" | "reject";

/** One service's submissions as they are asked for by a peer that catches up. */
export interface SubmissionsQuery {
  readonly serviceId: ServiceId;
  readonly limit: number;
}

/** What a network asks of the node it works for. */
export interface PeerNetworkHandlers {
  /** The next message of the same peer is read once this one is judged: a slow node slows its peers. */
  received(message: PeerMessage): Promise<Verdict>;
  /** A hint where to look, which is not judged. */
  landed(landing: PeerLanding): Promise<void>;
  /** The oldest first. */
  submissions(query: SubmissionsQuery): Promise<readonly Uint8Array[]>;
}

export interface PublishResult {
  /** Peers it was sent to. 0 when nobody listens, or when the same bytes went out a moment ago. */
  readonly peers: number;
}

export interface PeerNetworkStatus {
  readonly localPeerId: NetworkPeerId;
  /** Multiaddrs that end in this peer's id. */
  readonly listenAddresses: readonly string[];
  readonly externalAddresses: readonly string[];
  readonly peers: readonly NetworkPeerId[];
  /** How many are cut off at the moment. */
  readonly bannedPeers: number;
  /** Topics of submissions that were joined, with the peers that are sent what is published there. */
  readonly topics: ReadonlyMap<string, number>;
}

/**
 * How operators reach each other. What is above it knows services and bytes, so that another transport can take its
 * place.
 *
 * Nothing is promised: a message may be lost, doubled or late. Who was away asks the others for what they have.
 */
export interface PeerNetwork extends AsyncDisposable {
  /** Takes part in a service: hears what its peers publish, and asks them for what it missed. */
  join(serviceId: ServiceId): void;
  leave(serviceId: ServiceId): void;
  /** @throws WavsError `p2p_too_large`, `p2p_not_joined` */
  publish(serviceId: ServiceId, bytes: Uint8Array): Promise<PublishResult>;
  /** Tells the others of a transaction of this node. @throws WavsError `p2p_not_joined` */
  announce(serviceId: ServiceId, landing: LandingMessage): Promise<PublishResult>;
  status(): PeerNetworkStatus;
}

/** What the p2p worker is started with. */
export interface P2pBoot {
  readonly config: P2pConfig;
  /** Of the identity's Ed25519 key. */
  readonly seed: Uint8Array;
  readonly registryChannel: RegistryChannel;
  /** Of the node, told to peers. */
  readonly version: string;
}

/** What the p2p worker serves. */
export interface P2pApi {
  publish(message: { readonly serviceId: ServiceId; readonly bytes: Uint8Array }): PublishResult;
  announce(message: { readonly serviceId: ServiceId; readonly landing: LandingMessage }): PublishResult;
  /** Resolves once the topics are those of this revision of the registry or a later one. */
  settled(revision: number): void;
  status(argument: undefined): PeerNetworkStatus;
}

/** What main serves to the p2p worker. */
export interface P2pMain {
  received(message: PeerMessage): Verdict;
  landed(landing: PeerLanding): void;
  submissions(query: SubmissionsQuery): readonly Uint8Array[];
  registry(argument: undefined): RegistrySnapshot;
}
