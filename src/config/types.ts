import type { ChainConfig, JsonValue } from "@/domain/mod.ts";

/** The effective configuration of a node (spec/wire.md 6.4). Secrets are in it: print only {@link redactedConfig}. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly logLevel: readonly string[];
  readonly data: string;
  readonly corsAllowedOrigins: readonly string[];
  readonly wasmLruSize: number;
  readonly chains: readonly ChainConfig[];
  readonly signingMnemonic: string | undefined;
  readonly aggregatorCosmosCredential: string | undefined;
  readonly aggregatorEvmCredential: string | undefined;
  /** Ceilings that win over a component's own limits. */
  readonly maxWasmFuel: bigint;
  readonly maxExecutionSeconds: bigint;
  readonly maxComponentMemoryMb: number;
  /** Absent: half of the machine's memory. */
  readonly maxGuestMemoryMb: number | undefined;
  readonly ipfsGateway: string;
  /** In the order they are tried. */
  readonly jetstreamEndpoints: readonly string[];
  /** 0 for any. */
  readonly jetstreamMaxMessageBytes: number;
  readonly bearerToken: string | undefined;
  readonly devEndpointsEnabled: boolean;
  readonly maxBodySizeMb: number;
  readonly healthCheckMode: "bypass" | "wait" | "exit";
  /** Whether components and service URIs may reach loopback, private and link-local addresses. */
  readonly allowPrivateNetworks: boolean;
  readonly durability: "process" | "power";
  readonly engineRuntime: "direct" | "jco";
  /** What becomes of times and heights that passed while the node was down. */
  readonly missedTriggers: "fire_all" | "fire_last" | "skip";
  /** `host:port` of nodes of the DHT that Hypercore feeds are found through; the public ones when empty. */
  readonly hyperswarmBootstrap: readonly string[];
  readonly burnedQueueTtlSecs: bigint | undefined;
  /** Whether the operators take turns at bringing an event on chain, or all try. */
  readonly submitOrder: "ranked" | "always";
  /** How long each gives the one before it. */
  readonly submitDelayMs: number;
  /** `undefined` when it is disabled. */
  readonly p2p: P2pConfig | undefined;
}

/** How this node finds other operators and talks to them (spec/network.md 5.1). */
export interface P2pConfig {
  /** `local` finds peers on the same network by mDNS, `remote` through bootstrap nodes by Kademlia. */
  readonly discovery: "local" | "remote";
  /** 0 takes a free one. */
  readonly listenPort: number;
  /** Multiaddrs, with or without a peer id; none makes this node one for the others. */
  readonly bootstrapNodes: readonly string[];
  /** Where others are told to find this node, when that is not where it listens; multiaddrs. */
  readonly announceAddresses: readonly string[];
  /** The only peers that are spoken to; anybody when empty. */
  readonly allowedPeers: readonly string[];
  /** For how long submissions are kept for operators that come late. */
  readonly submissionTtlSecs: number;
  /** Submissions in one answer to an operator that catches up. */
  readonly maxCatchupSubmissions: number;
  readonly kademliaDiscoveryIntervalSecs: number;
  readonly catchupRequestTimeoutSecs: number;
  readonly maxConcurrentCatchupRequestsPerService: number;
  // Taken and shown for the sake of files and clients of other nodes, and of no effect here: submissions are in the
  // journal, and published from there until the quorum is met.
  readonly maxRetryDurationSecs: number;
  readonly retryIntervalMs: number;
  readonly cleanupIntervalSecs: number;
  readonly maxPendingPublishes: number;
  readonly maxStoredSubmissionsPerService: number;
}

/** What one source (file section, environment, flags) sets, by key; tables are maps. */
export type RawSettings = ReadonlyMap<string, JsonValue>;

/** Something the person who configures should hear of, though the node starts. */
export interface ConfigNote {
  readonly level: "info" | "warn";
  readonly message: string;
}
