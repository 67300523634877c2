/**
 * Bytes of a file a command reads as a whole: a component, an input. Why: it is held in memory, and a component may have
 * 50 MiB. At the limit: refused, with its size.
 */
export const MAX_READ_BYTES = 64 * 1024 * 1024;

/** Gaps that `wavs triggers gaps` lists, and blocks it holds against the chain; the rest is counted. */
export const MAX_GAPS_SHOWN = 1_000;
