/** Tries of one broadcast at endpoints that give no answer (spec/wire.md 3.6). Past it the submission fails, retryable. */
export const MAX_BROADCAST_ATTEMPTS = 4;

/** Pause between them: 100, 200, 400 ms. */
export const BROADCAST_BACKOFF = { baseMs: 100, maxMs: 400 };

/**
 * Transactions built for one submission in one go. Each but the first answers a definite refusal: a nonce somebody else
 * used, a fee that has become too low. Past it the submission fails, retryable.
 */
export const MAX_TRANSACTIONS_PER_SUBMISSION = 5;

/** Transactions of one action that may revert on chain, each at the price of its gas. Past it the action is refused. */
export const MAX_REVERTED_TRANSACTIONS = 3;

/** How long a receipt is waited for: ten blocks of the slowest usual chain. Past it `receipt_timeout`, retryable. */
export const RECEIPT_TIMEOUT_MS = 120_000;

/**
 * How long the transaction that is next in line may wait before one that pays more takes its place: two blocks of the
 * slowest usual chain, and some time for it to spread.
 */
export const FEE_BUMP_AFTER_MS = 30_000;

/**
 * How often a transaction is replaced by one that pays more. Each pays a quarter more at least, so the last pays three
 * times as much as the first unless the chain itself has become dearer. Past it the transaction is only waited for.
 */
export const MAX_FEE_BUMPS = 5;

/** How often a chain is asked whether transactions were mined: fast at first, slower while nothing happens. */
export const RECEIPT_POLL = { minMs: 100, maxMs: 1_000, factor: 1.5 };

/** Receipts asked for at once; a block with hundreds of ours must not flood an endpoint. The rest follows. */
export const MAX_RECEIPT_REQUESTS = 32;

/**
 * How long a transaction whose nonce is used may have no receipt before it counts as replaced: endpoints behind one
 * address may be blocks apart.
 */
export const REPLACED_AFTER_MS = 10_000;

/** How long a nonce nobody sends may hold up later ones before an empty transaction takes its place. */
export const GAP_PATIENCE_MS = 10_000;

/** Empty transactions sent at once to close a gap; a longer one is closed step by step. */
export const MAX_GAP_FILLERS = 32;

/** Gas of a transfer that does nothing. */
export const TRANSFER_GAS = 21_000n;

/** Blocks before the first that is looked at for calls of handlers: others may have been faster. */
export const SIGHTED_BLOCKS = 32n;

/** The most blocks read in one go; a node that was away longer asks the handler whether an event is handled. */
export const MAX_SIGHTED_BLOCKS = 64n;

/** How often new blocks are looked for while somebody else's transaction is waited for. */
export const SIGHTING_POLL_MS = 500;

/** Calls of handlers that are remembered, and announcements; past it the oldest is forgotten. */
export const MAX_SIGHTINGS = 4_096;

/** Transactions told of one event; further ones are not looked at. */
export const MAX_SIGHTINGS_PER_EVENT = 4;

/** Operators whose announcements are remembered; past it the one heard of the longest ago is forgotten. */
export const MAX_ACTIVE_OPERATORS = 256;

/** How many more delays an operator that sends other transactions is given: busy is not dead, but no excuse for ever. */
export const MAX_BUSY_DELAYS = 5;

/**
 * How long the others are waited for when a transaction of theirs is in the pool: time enough to pay more for it twice.
 * Past it this node sends its own: what is never mined must not hold up an event.
 */
export const PENDING_PATIENCE_MS = 60_000;

/** How much of a contract's own reason for reverting is quoted, in characters; the rest is cut. */
export const MAX_REASON_CHARS = 300;
