/** How long it is believed what a registered signing key weighs; a change on chain counts after that at the latest. */
export const WEIGHT_TTL_MS = 60_000;

/** How long it is believed that a signing key is not registered: an operator that has just registered waits as long. */
export const UNREGISTERED_TTL_MS = 15_000;

/** Registered signing keys remembered: more than the operators of all services of a node. At the limit the oldest goes. */
export const MAX_WEIGHTS = 4_096;

/**
 * Unregistered signing keys remembered, apart from the registered ones: random signatures make new ones without end, and
 * must not drive those out. At the limit the oldest goes.
 */
export const MAX_UNREGISTERED = 4_096;

/** How long it is believed what a service manager asks for; then it is asked again whatever the known weights are. */
export const THRESHOLD_TTL_MS = 60_000;

/** Service managers whose threshold is remembered; a node has one per service. At the limit the oldest goes. */
export const MAX_THRESHOLDS = 1_024;

/**
 * Tries to weigh the signer of a verified submission while its chain cannot be asked. Then the submission is dropped: its
 * operator publishes it again until the quorum is there.
 */
export const MAX_WEIGHT_ATTEMPTS = 5;

/** Pause between those tries: half a minute altogether. */
export const WEIGHT_BACKOFF = { baseMs: 1_000, maxMs: 15_000 };

/**
 * Signing keys without an operator that one peer may bring before it is blamed for more. An operator that has not
 * registered yet has one; forged signatures name another with each message.
 */
export const MAX_STRANGERS_PER_PEER = 8;

/** How long they are remembered, and for how many peers. At the limit the oldest goes. */
export const STRANGERS_TTL_MS = 600_000;
export const MAX_PEERS_WITH_STRANGERS = 1_024;

/**
 * What one answer to a catch-up request may hold altogether, in bytes: the document around the submissions must stay
 * below the 10 MiB peers read (spec/network.md 5.7). At the limit the older submissions are left out.
 */
export const MAX_CATCH_UP_BYTES = 10_000_000;
