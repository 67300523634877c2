/**
 * How many derived signing keys are kept, one per service.
 *
 * Default: more services than one node runs; a key is about 1 KB. Why: an index is whatever main asks for. At the limit
 * the key used longest ago is forgotten and derived again (under 1 ms) when it is needed.
 */
export const MAX_CACHED_KEYS = 1_024;

/** The highest index of a non-hardened BIP-32 child; above it lie the hardened ones. Past it a key is refused. */
export const MAX_HD_INDEX = 2 ** 31 - 1;
