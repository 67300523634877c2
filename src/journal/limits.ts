/** Characters kept of a reason; a longer one is cut, since a guest can make it as long as it likes. */
export const MAX_REASON_CHARACTERS = 2_000;

/**
 * The longest delay of a timer, ten years: a component may name any 64-bit number of seconds, and dates end before. At
 * the limit the timer goes off then.
 */
export const MAX_TIMER_SECONDS = 315_360_000;

/** Executions kept per event, the latest ones; older rows go when the next is written. */
export const MAX_EXECUTIONS_PER_EVENT = 20;

/** Blocks of a chain asked for in one look whether reorgs took them away; those above come with the next. */
export const MAX_BLOCKS_PER_LOOK = 256;
