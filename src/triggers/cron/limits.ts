/**
 * Characters of a cron expression.
 *
 * Default: a list of every second, minute and hour fits several times. Why: the text comes from a service document and
 * is parsed on registration. At the limit: refused.
 */
export const MAX_EXPRESSION_CHARS = 4_096;

/**
 * How long the source sleeps at most, in milliseconds. Why: a clock that is set forward must not be noticed only when
 * the sleep for the next occurrence, reckoned by the clock of before, is over.
 */
export const MAX_SLEEP_MS = 1_000;

/**
 * How late an occurrence may be, in milliseconds, before it counts as missed and the policy for missed ones decides.
 * Why: a busy machine or a restart for an update is no outage.
 */
export const LATE_MS = 10_000;

/**
 * Occurrences of one trigger that are made up for after an outage.
 *
 * Default: an outage of eleven days with a trigger every hundred seconds. Why: a trigger for every second would flood the
 * node after a week. At the limit: the oldest are given up, with a warning that says how many.
 */
export const MAX_MISSED_FIRES = 10_000;

/**
 * How old the stored cursor may become while nothing fires, in milliseconds. Why: after a restart everything since the
 * cursor is looked through once more.
 */
export const CURSOR_INTERVAL_MS = 60_000;
