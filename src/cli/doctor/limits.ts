/** How long an endpoint may take for one check; a slower one is of no use to a node either. */
export const ENDPOINT_TIMEOUT_MS = 10_000;

/** Less than this on the data's volume is worth a warning: components, feeds and the journal grow. */
export const MIN_FREE_BYTES = 1_000_000_000;
