import { decode, jsonObject, type JsonValue, WavsError } from "@/domain/mod.ts";
import { MAX_ALLOWED_PEERS, MAX_BOOTSTRAP_NODES, MAX_P2P_SECONDS } from "./limits.ts";
import type { P2pConfig } from "./types.ts";

/** `/ip4/203.0.113.5/tcp/9000`, with or without `/p2p/<peer id>`: TCP is all that other nodes speak (spec/network.md 5.2). */
const PEER_ADDRESS =
  /^\/(?:ip4\/\d{1,3}(?:\.\d{1,3}){3}|dns4?\/[A-Za-z0-9.-]{1,253})\/tcp\/(\d{1,5})(?:\/p2p\/\w{32,128})?$/;

/** An Ed25519 identity in base58, as `GET /p2p/status` shows it. */
const PEER_ID = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/;

const address = decode.parsed((text) => {
  const [, port = ""] = PEER_ADDRESS.exec(text) ?? [];
  if (Number(port) > 0 && Number(port) < 65_536) return text;
  const expected = "an address such as /ip4/203.0.113.5/tcp/9000 or /dns4/node.example.org/tcp/9000/p2p/12D3KooW…";
  throw new WavsError("invalid_value", { message: `Expected ${expected}`, retryable: false, meta: { expected } });
});
const peerId = decode.parsed((text) => {
  if (PEER_ID.test(text)) return text;
  const expected = "a peer id such as 12D3KooW…, which wavs p2p identity shows";
  throw new WavsError("invalid_value", { message: `Expected ${expected}`, retryable: false, meta: { expected } });
});
const addresses: decode.Decoder<readonly string[]> = (value, path) => {
  const nodes = decode.array(address)(value, path);
  if (nodes.length <= MAX_BOOTSTRAP_NODES) return nodes;
  throw new WavsError("invalid_value", {
    message: `Cannot use ${nodes.length} addresses; expected at most ${MAX_BOOTSTRAP_NODES}`,
    retryable: false,
  });
};
const peerIds: decode.Decoder<readonly string[]> = (value, path) => {
  const peers = decode.array(peerId)(value, path);
  if (peers.length <= MAX_ALLOWED_PEERS) return peers;
  throw new WavsError("invalid_value", {
    message: `Cannot use ${peers.length} allowed peers; expected at most ${MAX_ALLOWED_PEERS}`,
    retryable: false,
  });
};
const number = (min: bigint, max: bigint) => decode.mapped(decode.integer(min, max), Number);
const seconds = number(1n, MAX_P2P_SECONDS);

/** The keys of both tables with their defaults (spec/network.md 5.1); the last two are this node's own. */
const COMMON = {
  listen_port: number(0n, 65_535n),
  max_retry_duration_secs: decode.withDefault(seconds, 10),
  retry_interval_ms: decode.withDefault(number(1n, MAX_P2P_SECONDS * 1000n), 200),
  submission_ttl_secs: decode.withDefault(seconds, 300),
  max_catchup_submissions: decode.withDefault(decode.u32, 100),
  cleanup_interval_secs: decode.withDefault(seconds, 60),
  max_pending_publishes: decode.withDefault(decode.u32, 1000),
  max_stored_submissions_per_service: decode.withDefault(decode.u32, 500),
  catchup_request_timeout_secs: decode.withDefault(seconds, 30),
  max_concurrent_catchup_requests_per_service: decode.withDefault(decode.nonZeroU32, 3),
  allowed_peers: decode.withDefault(peerIds, []),
  announce_addresses: decode.withDefault(addresses, []),
};
const REMOTE = {
  ...COMMON,
  bootstrap_nodes: addresses,
  kademlia_discovery_interval_secs: decode.withDefault(seconds, 60),
};

type Table = decode.Decoded<typeof localTable> & Partial<decode.Decoded<typeof remoteTable>>;

const localTable = decode.object(COMMON);
const remoteTable = decode.object(REMOTE);

/** Which keys each table has. */
export const P2P_TABLES: Readonly<Record<string, readonly string[]>> = {
  local: Object.keys(COMMON),
  remote: Object.keys(REMOTE),
};

/** `"disabled"`, or one of the tables `local` and `remote`. */
export const decodeP2p: decode.Decoder<P2pConfig | undefined> = decode.tagged<P2pConfig | undefined>({
  disabled: decode.unit(undefined),
  local: decode.mapped(localTable, (table) => configOf("local", table)),
  remote: decode.mapped(remoteTable, (table) => configOf("remote", table)),
});

function configOf(discovery: P2pConfig["discovery"], table: Table): P2pConfig {
  return {
    discovery,
    listenPort: table.listen_port,
    bootstrapNodes: table.bootstrap_nodes ?? [],
    allowedPeers: table.allowed_peers,
    announceAddresses: table.announce_addresses,
    maxRetryDurationSecs: table.max_retry_duration_secs,
    retryIntervalMs: table.retry_interval_ms,
    submissionTtlSecs: table.submission_ttl_secs,
    maxCatchupSubmissions: table.max_catchup_submissions,
    cleanupIntervalSecs: table.cleanup_interval_secs,
    kademliaDiscoveryIntervalSecs: table.kademlia_discovery_interval_secs ?? 60,
    maxPendingPublishes: table.max_pending_publishes,
    maxStoredSubmissionsPerService: table.max_stored_submissions_per_service,
    catchupRequestTimeoutSecs: table.catchup_request_timeout_secs,
    maxConcurrentCatchupRequestsPerService: table.max_concurrent_catchup_requests_per_service,
  };
}

/** The inverse of {@link decodeP2p}, for `GET /config`. */
export function encodeP2p(config: P2pConfig | undefined): JsonValue {
  if (config === undefined) return "disabled";
  const remote = config.discovery === "remote";
  return jsonObject({
    [config.discovery]: jsonObject({
      listen_port: BigInt(config.listenPort),
      ...(remote ? { bootstrap_nodes: config.bootstrapNodes } : {}),
      max_retry_duration_secs: BigInt(config.maxRetryDurationSecs),
      retry_interval_ms: BigInt(config.retryIntervalMs),
      submission_ttl_secs: BigInt(config.submissionTtlSecs),
      max_catchup_submissions: BigInt(config.maxCatchupSubmissions),
      cleanup_interval_secs: BigInt(config.cleanupIntervalSecs),
      ...(remote ? { kademlia_discovery_interval_secs: BigInt(config.kademliaDiscoveryIntervalSecs) } : {}),
      max_pending_publishes: BigInt(config.maxPendingPublishes),
      max_stored_submissions_per_service: BigInt(config.maxStoredSubmissionsPerService),
      catchup_request_timeout_secs: BigInt(config.catchupRequestTimeoutSecs),
      max_concurrent_catchup_requests_per_service: BigInt(config.maxConcurrentCatchupRequestsPerService),
      ...(config.allowedPeers.length > 0 ? { allowed_peers: config.allowedPeers } : {}),
      ...(config.announceAddresses.length > 0 ? { announce_addresses: config.announceAddresses } : {}),
    }),
  });
}
