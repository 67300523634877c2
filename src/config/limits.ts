/** Bytes of a configuration, environment or secret file. Why: each is read whole. At the limit: refused unread. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** Ceiling of fuel per execution, about a minute of busy code. Why finite: a component is a stranger's. */
export const DEFAULT_MAX_WASM_FUEL = 100_000_000_000n;

/** Ceiling of seconds per execution, for the same reason. */
export const DEFAULT_MAX_EXECUTION_SECONDS = 30n;

/** Components each worker keeps ready when `wasm_lru_size` is 0 (spec/wire.md 6.4). */
export const WASM_LRU_SIZE_FOR_ZERO = 10;

/** A bearer token with fewer characters can be guessed; the node starts and says so. */
export const MIN_BEARER_TOKEN_CHARS = 16;

/** Bootstrap nodes of `p2p.remote`, and addresses that are announced. Why: each is dialled again and again while it is away. At the limit: refused. */
export const MAX_BOOTSTRAP_NODES = 32;

/** Peers of `p2p.….allowed_peers`: more operators than a service has. At the limit: refused. */
export const MAX_ALLOWED_PEERS = 256;

/** The longest time of the `p2p` tables in seconds: what a timer can wait. At the limit: refused. */
export const MAX_P2P_SECONDS = 2_000_000n;

/** Where `ipfs:` is looked up when the configuration names no gateway; what it answers is verified block by block. */
export const DEFAULT_IPFS_GATEWAY = "https://ipfs.io/ipfs/";

/** How long each operator gives the one before it to bring an event on chain: a block of most chains, and its news. */
export const DEFAULT_SUBMIT_DELAY_MS = 3_000;

/** The longest such delay; a dozen of them must fit into the life of a submission. At the limit: refused. */
export const MAX_SUBMIT_DELAY_MS = 600_000n;
