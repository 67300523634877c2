import { MAX_SOCKETS_PER_EXECUTION } from "../wasi/limits.ts";

/**
 * Requests one execution may have open at once.
 *
 * Default: far above what a component needs. Why: each holds a socket of the process. At the limit:
 * `connection-limit-reached`.
 */
export const MAX_REQUESTS_PER_EXECUTION = 16;

/**
 * Requests all executions of one component worker may have open at once.
 *
 * Default: 16 busy executions. Why: the process has few file descriptors and every worker draws on them. At the limit:
 * `connection-limit-reached`.
 */
export const MAX_REQUESTS_PER_WORKER = 256;

/**
 * Sockets one execution may have here, those that are about to open or sending their last bytes included.
 *
 * Default: twice what the guest may hold, since a listener accepts ahead and closing takes a moment. Why: each is one
 * of the process. At the limit: `new-socket-limit`.
 */
export const MAX_OPEN_SOCKETS_PER_EXECUTION = 2 * MAX_SOCKETS_PER_EXECUTION;

/** Sockets all executions of one component worker may have here. At the limit: `new-socket-limit`. */
export const MAX_SOCKETS_PER_WORKER = 256;

/**
 * How long a closed connection may take to send what the guest had written, in milliseconds.
 *
 * Why: the guest is gone and the peer may never read. At the limit: the connection is closed as it is.
 */
export const MAX_SOCKET_LINGER_MS = 5_000;

/**
 * Bytes of datagrams that wait on one UDP socket to be asked for.
 *
 * Default: four of the largest. Why: anybody can send. At the limit: what comes is dropped, as networks do.
 */
export const MAX_WAITING_DATAGRAM_BYTES = 256 * 1024;

/** What one waiting datagram weighs besides its bytes: the objects that hold it. */
export const DATAGRAM_OVERHEAD_BYTES = 256;

/**
 * Names one component worker resolves at once.
 *
 * Default: as many as a few executions may. Why: each holds a thread of the process. At the limit:
 * `temporary-resolver-failure`.
 */
export const MAX_LOOKUPS_PER_WORKER = 16;

/** Addresses answered for one name. At the limit: the others are left out. */
export const MAX_RESOLVED_ADDRESSES = 64;

/**
 * Calls a component worker may have under way here.
 *
 * Default: two for each of its requests and sockets, one that sends and one that receives. At the limit its calls wait.
 */
export const CALL_CREDIT_PER_WORKER = 2 * (MAX_REQUESTS_PER_WORKER + MAX_SOCKETS_PER_WORKER);

/**
 * How long a request may stay open while nobody calls for it, in milliseconds.
 *
 * Default: the longest between-bytes timeout. Why: a component worker that was killed cannot cancel, and nothing tells
 * this worker of its end. At the limit: the connection is closed, later calls fail with `connection-terminated`.
 */
export const MAX_EXCHANGE_IDLE_MS = 600_000;

/**
 * Bytes of one response body.
 *
 * Default: above the largest component the node fetches. Why: a guest that reads for ever costs bandwidth, not fuel. At
 * the limit: `HTTP-response-body-size`.
 */
export const MAX_RESPONSE_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Bytes of the headers of one response.
 *
 * Default: four times Node's own, which is lower than what some gateways send. Why: they are held in memory. At the
 * limit: `HTTP-response-header-section-size`.
 */
export const MAX_RESPONSE_HEADER_BYTES = 64 * 1024;

/** Redirects followed when the node itself fetches a document or component; guests follow none. At the limit the fetch fails. */
export const MAX_REDIRECTS = 5;
