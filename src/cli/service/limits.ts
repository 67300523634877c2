/** How long a message to the service manager may wait until its socket takes it. At the limit: given up, with a warning. */
export const NOTIFY_TIMEOUT_MS = 2_000;

/** Characters of the state that the service manager shows. At the limit: cut. */
export const MAX_STATUS_CHARS = 200;

/**
 * How often the workers are asked whether they live, as a share of the time after which the service manager ends the
 * node. Why a third: one answer may fail to come, on a machine that is very busy, without that being the end.
 */
export const WATCHDOG_SHARE = 1 / 3;
