/** Longest RPC frame of gossip in bytes. Why: other nodes end the stream above it. At the limit: split, or refused. */
export const MAX_FRAME_BYTES = 65_536;

/**
 * Largest message in bytes: what with topic, author, key and signature still fits into one frame (spec/network.md 5.5).
 * At the limit: publishing fails with `p2p_too_large`.
 */
export const MAX_MESSAGE_BYTES = 65_294;

/** Peers connected at once. Why: each costs a few buffers. At the limit: connections nobody asked for are closed. */
export const MAX_CONNECTIONS = 128;

/** Connections that are being negotiated at once. At the limit: more are closed unanswered. */
export const MAX_PENDING_CONNECTIONS = 32;

/** Connections one address may open a second; several operators may share one. At the limit: closed unanswered. */
export const MAX_CONNECTIONS_PER_HOST_AND_SECOND = 16;

/** How long a connection may negotiate before it is closed. */
export const NEGOTIATION_TIMEOUT_MS = 10_000;

/** How long a dial may take, all addresses of a peer together. */
export const DIAL_TIMEOUT_MS = 10_000;

/** Peers that are dialled again when they are away. At the limit: the one that is away the longest is forgotten. */
export const MAX_KNOWN_PEERS = 256;

/** Addresses kept of a peer. At the limit: the rest is ignored. */
export const MAX_ADDRESSES_PER_PEER = 16;

/** Pause before a peer that was found is dialled again. */
export const DIAL_BACKOFF = { baseMs: 500, maxMs: 60_000 };

/** How long a peer that was found, and never answers, is dialled. Bootstrap nodes are dialled for ever. */
export const FORGET_PEER_AFTER_MS = 30 * 60_000;

/** How often is looked who is to be dialled, and whose stream of gossip is to be opened again. */
export const UPKEEP_INTERVAL_MS = 250;

/**
 * Streams of gossip opened anew on one connection. Why: other nodes allow five. At the limit: the connection is closed,
 * and dialled again.
 */
export const MAX_REOPENED_STREAMS = 4;

/**
 * What one peer may send: tokens a second and at once; an RPC costs one, and one more for each {@link BYTES_PER_TOKEN}.
 * Why: each message costs the check of a signature. At the limit: its stream is read no further until it has some.
 */
export const PEER_RATE = { perSecond: 500, burst: 2_000 };

/** Bytes that cost as much as an RPC. */
export const BYTES_PER_TOKEN = 16_384;

/** Bytes that wait to be sent on one stream of gossip. At the limit: the peer misses what does not fit, and catches up. */
export const MAX_OUTBOUND_BUFFER_BYTES = 4 * 1024 * 1024;

/** Messages that count against a peer within {@link BAN_MS} before it is cut off for as long. */
export const MAX_REJECTED_MESSAGES = 50;
export const BAN_MS = 10 * 60_000;

/**
 * Peers that are cut off at the same time. Each of them cost its owner {@link MAX_REJECTED_MESSAGES} and a connection. At
 * the limit: the one that was cut off first may come back.
 */
export const MAX_BANNED_PEERS = 4_096;

/** Bytes of topic names kept of a peer, which costs about a kibibyte each. At the limit: its others are ignored. */
export const MAX_TOPIC_BYTES_PER_PEER = 4 * 1024 * 1024;

/** Bytes of a request to catch up (spec/network.md 5.7). At the limit: the stream is reset. */
export const MAX_CATCH_UP_REQUEST_BYTES = 1_024;

/** Bytes of an answer to it. Sent: what does not fit is left out. Received: the stream is reset. */
export const MAX_CATCH_UP_RESPONSE_BYTES = 10 * 1024 * 1024;

/** Bytes of one submission in an answer, which unlike one of gossip is in no frame. At the limit: left out. */
export const MAX_CATCH_UP_ITEM_BYTES = 1024 * 1024;

/** Answers that are read or written at once, each way, all peers together. At the limit: they wait, or are refused. */
export const MAX_CATCH_UPS = 4;

/** Shortest time between two requests for the same service to the same peer. */
export const CATCH_UP_INTERVAL_MS = 2_000;

/** Requests that wait. At the limit: the oldest is given up; the next contact with its peer asks again. */
export const MAX_WAITING_CATCH_UPS = 4_096;

/** Entries of peers and of the Kademlia records they ask to keep. At the limit: the oldest is forgotten. */
export const MAX_STORED_ENTRIES = 4_096;

/** Bytes of one such entry. At the limit: refused. */
export const MAX_STORED_ENTRY_BYTES = 64 * 1024;

/** Bytes of an mDNS datagram that other nodes read, and addresses told in one. At the limit: the rest is left out. */
export const MAX_MDNS_ADDRESSES = 12;

/** How often is asked on the local network who is there. */
export const MDNS_QUERY_INTERVAL_MS = 10_000;

/** Answers to mDNS questions a second. Why: anybody on the network may ask. At the limit: not answered. */
export const MAX_MDNS_ANSWERS_PER_SECOND = 20;

/** Pause before main is asked for the registry again after it did not answer. */
export const REGISTRY_BACKOFF = { baseMs: 100, maxMs: 10_000 };

/** Bytes of the announcement of a transaction: four identifiers and their names. At the limit: refused. */
export const MAX_LANDING_MESSAGE_BYTES = 512;

/** Calls the p2p worker takes at once: what main publishes and announces. At the limit: they wait. */
export const P2P_CREDIT = 256;
