/** Executions under way at once on the node. More wait in the journal. */
export const MAX_EXECUTIONS = 32;

/** Executions under way at once for one service, so that a slow one leaves room for the others. */
export const MAX_EXECUTIONS_PER_SERVICE = 16;

/** Executions under way at once for one workflow. */
export const MAX_EXECUTIONS_PER_WORKFLOW = 8;

/** Responses being signed, validated or aggregated at once. */
export const MAX_SUBMISSIONS = 64;

/** Actions being carried out at once; most of the time of one is waiting for its receipt. */
export const MAX_ACTIONS = 256;

/** Own submissions being handed to the network at once. */
export const MAX_PUBLICATIONS = 32;

/**
 * Pause before peers that have been told of a submission are told again. The first is longer than the minute for which
 * they take the same bytes for a duplicate (spec/network.md 5.5).
 */
export const REPUBLISH_BACKOFF = { baseMs: 90_000, maxMs: 900_000 };

/** Pause while there is nobody to tell: a quarter of a submission's age within these bounds. */
export const NO_PEERS_PAUSE = { minMs: 1_000, maxMs: 30_000 };

/** How often signatures of peers and burned queues that nothing needs any more are deleted. */
export const SWEEP_INTERVAL_MS = 300_000;

/** How long those of an event that is done are kept, for peers that catch up. */
export const SERVED_SIGNATURES_MS = 3_600_000;

/** Tries of an execution that failed for reasons that may pass; then it is a dead letter. */
export const MAX_EXECUTION_ATTEMPTS = 5;

/** Tries when the component itself answered with an error: often a feed that was down, sometimes for ever. */
export const MAX_GUEST_ERROR_ATTEMPTS = 3;

/** Pause between tries of an execution. */
export const EXECUTION_BACKOFF = { baseMs: 1_000, maxMs: 60_000 };

/** Pause between tries of signing, quorum and transactions: chains come back within seconds or within hours. */
export const SUBMISSION_BACKOFF = { baseMs: 500, maxMs: 30_000 };

/** How long a response is tried to be brought on chain; the reference keeps its queues as long (spec/wire.md 6.4). */
export const DEFAULT_SUBMISSION_TTL_MS = 172_800_000;

/** Pause after a step that could not be recorded, on a full disk for example, before anything is done about it again. */
export const UNRECORDED_PAUSE_MS = 1_000;

/** How long closing waits for work under way; what is not done by then goes on after the next start. */
export const DRAIN_TIMEOUT_MS = 10_000;

/** The longest the loop sleeps when nothing is due, a guard against a clock that was set back. */
export const MAX_IDLE_MS = 60_000;

/** How many blocks must follow before a transaction counts as there for good: deeper than reorgs of any live chain. */
export const SETTLED_DEPTH = 64n;

/** How often it is looked whether reorgs took away what had landed. */
export const LANDING_LOOK_INTERVAL_MS = 15_000;

/** What reorgs took away, being brought on chain again at once. */
export const MAX_LOST_LANDINGS = 64;
