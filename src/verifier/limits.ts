/**
 * The longest submission that is read, in bytes: what one gossip message may carry (spec/network.md 5.5). At the limit it
 * is refused with `submission_too_large`, nothing of it is decoded.
 */
export const MAX_SUBMISSION_BYTES = 65_536;

/**
 * Verdicts remembered by the digest of the bytes they are about, so that what several peers forward, or one repeats, is
 * verified once. Default: a minute of sixty submissions a second; one takes half a kilobyte. At the limit the one given
 * longest ago is forgotten.
 */
export const MAX_REMEMBERED_VERDICTS = 4_096;

/** Submissions the worker takes at once, 4 MiB of them at most. At the limit callers wait. */
export const VERIFIER_CREDIT = 64;
