/** Trigger events in one batch, which is one transaction of the journal; blocks with more go over in several batches. */
export const MAX_EVENTS_PER_BATCH = 500;

/** Runs of one manual trigger; a load test needs hundreds. Past it the request is refused. */
export const MAX_MANUAL_EVENTS = 10_000;

/** Pause before main is asked again after it did not take a batch, or a source is started again after it failed. */
export const SOURCE_RETRY_BACKOFF = { baseMs: 100, maxMs: 10_000 };
