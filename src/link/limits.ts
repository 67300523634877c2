/** Calls one side lets the other have under way at once when it names no number of its own. At the limit callers wait. */
export const DEFAULT_CREDIT = 64;

/** Calls that may wait for credit on one link. Past it a call fails with `link_overloaded`, which is retryable. */
export const MAX_WAITING_CALLS = 10_000;

/** How long a worker may take from its start to its first "ready"; then it is counted as lost. */
export const WORKER_READY_TIMEOUT_MS = 30_000;

/** Pause before a lost worker is started again: doubles to the maximum, starts over once it stayed up that long. */
export const WORKER_RESTART_BACKOFF = { baseMs: 100, maxMs: 10_000 };

/**
 * Calls one side serves at once for each that it gave credit for. More than one, since a call that was given up frees its
 * credit before its handler has ended. Past it a call fails with `link_overloaded`: only a hostile caller gets there.
 */
export const MAX_SERVED_PER_CREDIT = 4;

/** The longest name of a method or of a log's module, in UTF-16 code units. Longer ones are no message of a link. */
export const MAX_NAME_CHARS = 128;

/** The longest text of a log record that came over a link, in UTF-16 code units. At the limit: cut, with an ellipsis. */
export const MAX_LOG_TEXT_CHARS = 16 * 1024;

/**
 * Calls told in the log, for each link, that only a broken or hostile other side makes: of methods that are not there,
 * with arguments of a wrong shape, beyond its credit. Later ones are answered with their error and nothing else.
 */
export const MAX_OFFENCES_LOGGED = 16;
