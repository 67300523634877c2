/** What one megabyte of `max_body_size_mb` is, in bytes (spec/wire.md 5.1). */
export const BYTES_PER_MB = 1024 * 1024;

/**
 * How much of all unfinished request bodies is held at once, in bytes.
 *
 * Default: seventeen bodies of the default greatest size. Why: the limit of one body bounds nothing when a thousand are
 * sent together. At the limit: the request that went over it is answered 503 and may be sent again. One body of the
 * configured size always fits.
 */
export const MAX_BUFFERED_BODIES_BYTES = 256 * BYTES_PER_MB;

/**
 * How long a request body may take to arrive, in milliseconds.
 *
 * Default: enough for a body of the default greatest size at one megabit per second. Why: a client that stops sending
 * would hold its memory and its connection for ever. At the limit: 408.
 */
export const BODY_TIMEOUT_MS = 120_000;

/**
 * Payloads in the answer to one manual trigger, in bytes. Why: thousands of executions may have answered a megabyte
 * each. At the limit: the further ones are answered with `"operator_response": null`.
 */
export const MAX_RESULT_PAYLOAD_BYTES = 4 * BYTES_PER_MB;

/**
 * How long requests may go on after the server was told to close, in milliseconds.
 *
 * Default: half of what container runtimes give a process between asking it to stop and killing it. Why: a caller
 * waiting for its triggers must not keep the node from closing its database. At the limit: they are answered 503.
 */
export const SHUTDOWN_GRACE_MS = 5_000;
