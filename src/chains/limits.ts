/** How long one endpoint may take to answer a request when the caller names no time. Past it the next is asked. */
export const RPC_REQUEST_TIMEOUT_MS = 10_000;

/** How long a WebSocket may take to open, TLS included. Past it the endpoint counts as down. */
export const WS_CONNECT_TIMEOUT_MS = 10_000;

/** How long a closed WebSocket is waited for. A half-open one never answers; it is left to the system then. */
export const WS_CLOSE_TIMEOUT_MS = 1_000;

/**
 * How often an open WebSocket is asked for the block number, and how long it may take to answer. A connection whose
 * other end vanished without a word is noticed within their sum; past it the connection is given up.
 */
export const WS_HEARTBEAT_INTERVAL_MS = 5_000;
export const WS_HEARTBEAT_TIMEOUT_MS = 5_000;

/**
 * The longest answer read. A block full of logs takes 8 MB, a range of them is asked for in smaller pieces when it does
 * not fit. Past it the answer is dropped and the request fails with `rpc_answer_too_large`.
 */
export const MAX_RPC_ANSWER_BYTES = 32 * 1024 * 1024;

/** Requests under way on one connection; the node itself needs a dozen. Past it a request fails with `rpc_overloaded`. */
export const MAX_REQUESTS_IN_FLIGHT = 256;

/** How much of an endpoint's own error text is quoted; the rest is cut. */
export const MAX_RPC_ERROR_CHARS = 500;

/** Revert data kept with a refused call, in hex digits: a custom error is far smaller. Longer data is dropped. */
export const MAX_RPC_ERROR_DATA_CHARS = 64 * 1024;

/** How long an endpoint that failed is passed over while others answer: doubles to the maximum with every failure. */
export const ENDPOINT_PENALTY = { baseMs: 1_000, maxMs: 30_000 };
