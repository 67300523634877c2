/** Bytes the lines of one execution may take; later ones are counted and dropped. Why: a log is kept with every event. */
export const MAX_LOG_BYTES = 64 * 1024;

/** The longest line of a guest's log, in UTF-16 code units. At the limit: cut, with an ellipsis. */
export const MAX_LOG_LINE_CHARS = 8 * 1024;

/**
 * Refusals told in the log of one execution; later ones are counted. Why: a guest can ask for what it may not have as
 * often as it likes.
 */
export const MAX_REFUSALS_LOGGED = 16;

/** The longest reason of a refusal, in UTF-16 code units. Why: it quotes the guest. At the limit: cut, with an ellipsis. */
export const MAX_REFUSAL_CHARS = 512;

/** Bytes of payloads and salts one execution may answer together. Why: the gossip frame bounds it anyway. */
export const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Responses one execution may answer. Why: each is signed and brought on chain. */
export const MAX_RESPONSES = 256;

/** Actions one execution of an aggregator component may answer. */
export const MAX_ACTIONS_PER_EXECUTION = 64;

/** Executions one worker interleaves. Most of them wait; one that computes delays the others by slices of its budget. */
export const MAX_EXECUTIONS_PER_WORKER = 16;

/** Executions that may wait for a place in a worker. Past it `engine_busy`, which is retryable. */
export const MAX_WAITING_EXECUTIONS = 1_000;

/**
 * Share of the machine's memory that executions may be promised together when the configuration names no bound. Why: the
 * node, its JavaScript heaps and the page cache of its database need the other half. At the limit executions wait.
 */
export const GUEST_MEMORY_SHARE = 0.5;

/** Bytes they may be promised where the node may not ask how much memory there is. */
export const FALLBACK_GUEST_MEMORY_BYTES = 2 * 1024 * 1024 * 1024;

/** Workers beyond one per core: a guest that computes for seconds leaves room for those that do not. */
export const SPARE_WORKERS = 1;

/**
 * Workers kept for services that were granted `file_system`, one per service, about 10 MB each. At the limit the one
 * idle for longest is ended; while none is idle executions wait.
 */
export const MAX_SERVICE_WORKERS = 16;

/** Components that may wait to be prepared at once; a caller past it waits for one of them. */
export const MAX_WAITING_PREPARATIONS = 16;

/** How long preparing one component may take, those before it included. The largest sample takes a second. */
export const PREPARE_TIMEOUT_MS = 60_000;

/** How long the worker that prepares stays when nobody wants it. Why: with what it has read it is the largest of all. */
export const PREPARER_IDLE_MS = 10_000;

/** How long after a further component worker did not start the next try waits. */
export const POOL_GROWTH_PAUSE_MS = 10_000;

/** Prepared components kept in main to be posted to workers; a few hundred kilobytes each. The oldest goes first. */
export const MAX_CACHED_ARTIFACTS = 64;

/** How long an execution may outlive its deadline before its worker is ended: it should have stopped itself long ago. */
export const EXECUTION_GRACE_MS = 2_000;

/** How often executions are looked through for one that outlives its deadline and {@link EXECUTION_GRACE_MS}. */
export const WATCH_INTERVAL_MS = 250;

/** Ceiling of fuel per execution when the configuration names none (about a minute of busy code). */
export const DEFAULT_MAX_FUEL = 100_000_000_000n;

/** Ceiling of time per execution when the configuration names none. */
export const DEFAULT_MAX_EXECUTION_SECONDS = 30n;

/** Bytes of one component; the HTTP API's body limit is lower by default. */
export const MAX_COMPONENT_BYTES = 50 * 1024 * 1024;

/** How long downloading a component may take. */
export const COMPONENT_TIMEOUT_MS = 120_000;

/** Key-value operations one execution may do; a batch is one. At the limit: refused, and the guest is told `other`. */
export const MAX_KEY_VALUE_OPERATIONS = 10_000;

/** Key-value operations one execution may have under way. A guest has one; more would be a worker taken over. */
export const MAX_KEY_VALUE_OPERATIONS_IN_FLIGHT = 64;

/** How long `inspectComponent` goes on instantiating to tell what it costs. Why: enough for a steady median. */
export const INSPECTION_MS = 300;

/** Instances it makes for that at most. */
export const MAX_INSPECTION_INSTANCES = 200;

/** How long one of them may take; past it the start functions are cut and there is no cost to tell. */
export const MAX_START_MS = 5_000;
