/** Characters kept of a reason; a longer one is cut, since a guest can make it as long as it likes. */
export const MAX_REASON_CHARACTERS = 2_000;

/** Executions kept per event, the latest ones; older rows go when the next is written. */
export const MAX_EXECUTIONS_PER_EVENT = 20;
