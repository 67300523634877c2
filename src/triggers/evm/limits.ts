/**
 * Latest blocks whose hashes are all remembered. A reorg within them is followed block by block. Two epochs of Ethereum,
 * after which blocks are final there.
 */
export const RING_BLOCKS = 64;

/**
 * How far back some hashes are remembered, ever fewer: a reorg that goes deeper than the ring is read again from the last
 * of them that is still in the chain, at most a third too much. Beyond, what follows the lowest known block is read
 * again and an error says that more may have been lost.
 */
export const MAX_REMEMBERED_DEPTH = 1n << 20n;

/** Blocks with recorded events that are checked after a deep reorg, the latest; with more the error is said too. */
export const MAX_RECORDED_BLOCKS = 5_000;

/** Blocks asked about at once near the head: hides latency without bursts that providers limit. */
export const PARALLEL_BLOCKS = 8;

/** Blocks in one query for logs while far behind. Halved when a provider refuses, doubled again while it does not. */
export const MAX_BLOCKS_PER_QUERY = 2_000;

/** Addresses in one query for logs; what is beyond goes into further queries. */
export const MAX_ADDRESSES_PER_QUERY = 500;

/** How long a query for logs may take: providers search thousands of blocks for it. */
export const LOG_QUERY_TIMEOUT_MS = 30_000;

/** How often a block that was announced but is not served yet is asked for again: providers balance over nodes. */
export const MISSING_BLOCK_RETRIES = 4;
export const MISSING_BLOCK_BACKOFF = { baseMs: 100, maxMs: 1_000 };

/**
 * How often in a row a head may turn out not to be of the chain its endpoint has: a reorg while it was being read, or a
 * provider's nodes that disagree. The latest head is asked for then; past it another endpoint is tried.
 */
export const MAX_CONTRADICTIONS = 5;

/** How often a chain without WebSocket is asked for its head. */
export const POLL_INTERVAL_MS = 1_000;

/** A WebSocket that announces nothing for this long is asked for its head, in case its subscription died silently. */
export const SILENCE_POLL_MS = 15_000;

/** Pause before the endpoints are tried again: doubles with every full round of failures (spec/network.md 1.2). */
export const RECONNECT_BACKOFF = { baseMs: 250, maxMs: 30_000 };

/** A connection that lasted this long was good: what follows is its first failure again. */
export const STABLE_SESSION_MS = 10_000;

/** How often a better endpoint than the current one is checked (spec/network.md 1.2). */
export const PRIORITY_CHECK_INTERVAL_MS = 5_000;

/** The longest service URI taken from a chain; real ones have a hundred characters. Longer ones are ignored. */
export const MAX_SERVICE_URI_CHARS = 4_096;
