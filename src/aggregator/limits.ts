/**
 * Calls the worker takes at once: the dispatcher's actions in flight (256), most of which only wait for a receipt, and
 * its submissions in flight (64), with room for the rest. At the limit callers wait.
 */
export const AGGREGATOR_CREDIT = 512;

/** How long the health checks of one chain may take. Past it the chain counts as unhealthy; the others are not held up. */
export const HEALTH_CHECK_TIMEOUT_MS = 10_000;

/** Blocks asked for at once; the rest follows. */
export const MAX_STANDING_REQUESTS = 16;
