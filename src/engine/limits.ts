/** Bytes the lines of one execution may take; later ones are counted and dropped. Why: a log is kept with every event. */
export const MAX_LOG_BYTES = 64 * 1024;

/** The longest line of a guest's log, in UTF-16 code units. At the limit: cut, with an ellipsis. */
export const MAX_LOG_LINE_CHARS = 8 * 1024;

/** Bytes of payloads and salts one execution may answer together. Why: the gossip frame bounds it anyway. */
export const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Responses one execution may answer. Why: each is signed and brought on chain. */
export const MAX_RESPONSES = 256;

/** Actions one execution of an aggregator component may answer. */
export const MAX_ACTIONS_PER_EXECUTION = 64;
