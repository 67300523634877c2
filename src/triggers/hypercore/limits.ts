/**
 * Feeds that are followed at once. Why: each has its peers, files and a place in the DHT. At the limit: a further feed is
 * not followed until another one is given up; its health says so.
 */
export const MAX_FEEDS = 64;

/**
 * Blocks of a feed. Default: two and a half years of one block every five seconds. Why: what a peer says it has is kept
 * as a bit for each block, and a peer may say anything. At the limit: a peer that claims more is dropped.
 */
export const MAX_FEED_BLOCKS = 2 ** 24;

/**
 * Bytes of a feed on disk. Why: whoever holds the feed's key decides how much is appended. At the limit: nothing more is
 * fetched; the health says so.
 */
export const MAX_FEED_BYTES = 16 * 2 ** 30;

/**
 * Bytes of a block, which the three-byte length of a record on the wire nearly allows. Why: writers refuse to append
 * more than 15 MiB. At the limit: the peer that sends it is dropped.
 */
export const MAX_BLOCK_BYTES = 15 * 2 ** 20;

/** What surrounds a block in its record: its proof, at most a node of 40 bytes for each level of the tree, and lengths. */
export const MAX_PROOF_BYTES = 64 * 2 ** 10;

/**
 * Bytes of a record before the peer has shown that it knows the feed. Why: anybody can shake hands. At the limit: the
 * peer is dropped before the record is waited for.
 */
export const MAX_STRANGER_RECORD_BYTES = 2_048;

/** Bytes a peer may send before it has the feed open: two handshake messages and the request to open it. */
export const MAX_STRANGER_BYTES = 64 * 2 ** 10;

/** How long a record may take from its first byte to its last, in milliseconds. At the limit: the peer is dropped. */
export const RECORD_TIMEOUT_MS = 60_000;

/**
 * Bytes a peer may send beyond blocks that were wanted: announcements, requests, proofs. Why: every message makes the
 * replication remember something. At the limit: the connection ends, which frees it all; an honest peer comes back.
 */
export const MAX_CONTROL_BYTES = 8 * 2 ** 20;

/** Control bytes that come with a wanted block: its proof, and what is said around it. */
export const CONTROL_BYTES_PER_BLOCK = 8 * 2 ** 10;

/** Blocks a peer may have asked for and not got yet. At the limit: it is dropped. */
export const MAX_PEER_REQUESTS = 1_024;

/** Connections for one feed. Why: each may hold a record in memory. At the limit: other peers wait for a place. */
export const MAX_PEERS_PER_FEED = 8;

/** Incoming connections for all feeds together. At the limit: more are closed at once. */
export const MAX_INCOMING = 32;

/** Addresses of a feed that are tried in turn. Why: the DHT tells whatever anybody announced. At the limit: ignored. */
export const MAX_ADDRESSES_PER_FEED = 64;

/** Failures in a row after which an address is forgotten; the DHT may tell of it again. */
export const MAX_ADDRESS_FAILURES = 6;

/** Blocks that are fetched ahead of the one to be handed over. */
export const FETCH_AHEAD_BLOCKS = 64;

/** Bytes of blocks in one batch; a block that is larger goes alone. Why: a batch is one message and one transaction. */
export const MAX_BATCH_BYTES = 4 * 2 ** 20;

/** How long connecting, the handshake and opening the feed may take each, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How long a peer may say nothing, in milliseconds; others send a keep-alive every 10 s (spec/network.md 1.7). */
export const SILENCE_TIMEOUT_MS = 20_000;

/** How often we say something, in milliseconds. */
export const KEEP_ALIVE_MS = 5_000;

/**
 * How long a peer may owe a block without delivering any, in milliseconds. Why: it claims to have it, so nobody else is
 * asked meanwhile. At the limit: it is dropped.
 */
export const STALL_TIMEOUT_MS = 20_000;

/** How often peers are looked over, in milliseconds. */
export const WATCH_INTERVAL_MS = 1_000;

/** A peer that brought nothing for this long makes room for another address, in milliseconds. */
export const USELESS_AFTER_MS = 60_000;

/** Pause before an address is tried again. */
export const DIAL_BACKOFF = { baseMs: 250, maxMs: 30_000 };

/** Pause before the DHT is asked again while no peer is connected. */
export const LOOKUP_BACKOFF = { baseMs: 1_000, maxMs: 60_000 };

/** How often the DHT is asked and told while peers are connected, in milliseconds; it forgets after 12 minutes. */
export const ANNOUNCE_INTERVAL_MS = 5 * 60_000;

/** How long the DHT may take for an answer, in milliseconds. At the limit: what has come until then is used. */
export const LOOKUP_TIMEOUT_MS = 20_000;

/** Warnings about peers in a minute; what is more is only counted. Why: whoever connects would fill the log. */
export const MAX_PEER_WARNINGS_PER_MINUTE = 30;

/** How long a source that waits for blocks or followers sleeps at most, in milliseconds; changes wake it. */
export const IDLE_CHECK_MS = 60_000;
