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

/**
 * Envelopes of one event that count for one signer: a correct operator signs one, and another only after it lost its
 * database. Whoever signs many fills nobody's room but its own. At the limit further ones are refused.
 */
export const MAX_ENVELOPES_PER_SIGNER = 2;

/**
 * Envelopes of one event with signatures of peers. Components that are not deterministic make several. At the limit
 * further ones are refused, save the one that this node signed itself: that has room whatever came before it.
 */
export const MAX_ENVELOPES_PER_EVENT = 64;

/** Peers' signatures of one envelope: more operators than a service has. At the limit further ones are refused. */
export const MAX_SIGNERS_PER_ENVELOPE = 256;

/**
 * Events of one service that one signer may be ahead of this node with, 300 bytes each. At the limit the signature that
 * came first is dropped for the new one; its operator publishes it again until the quorum is there.
 */
export const MAX_EVENTS_AHEAD_PER_SIGNER = 4_096;

/** Rows deleted in one go when signatures are swept, so that nothing waits long for the database. */
export const MAX_SWEPT_ROWS = 5_000;

/** Signatures of a service that tell which operators are there. One that has signed none of them is not waited for. */
export const LATEST_SIGNATURES = 64;
