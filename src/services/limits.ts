/** Bytes of a service document; the reference accepts up to its body limit, real ones have a few kilobytes. */
export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** How long fetching a service document may take. */
export const DOCUMENT_TIMEOUT_MS = 30_000;

/** How long a registration waits until its triggers are watched; then it is taken back and fails. */
export const SETTLE_TIMEOUT_MS = 30_000;

/** Service URIs read again side by side at start (spec/wire.md 6.7). */
export const STARTUP_CHECKS = 10;

/** Pause between tries to take over a changed service URI. */
export const URI_CHANGE_BACKOFF = { baseMs: 1_000, maxMs: 60_000 };

/** Tries for a document that is there but wrong; one that cannot be fetched is tried for ever. */
export const MAX_URI_CHANGE_ATTEMPTS = 5;
