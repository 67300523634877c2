/** How far before its position a source resumes, in microseconds: servers stamp the same event a little differently. */
export const REWIND_US = 5_000_000n;

/** Collections and repositories a server takes in one filter; with more it is asked for everything. */
export const MAX_WANTED_COLLECTIONS = 100;
export const MAX_WANTED_DIDS = 10_000;

/**
 * The longest frame, in characters, when the configuration sets no limit. Why: it is parsed in one go. At the limit: the
 * frame is left out, with a warning.
 */
export const MAX_FRAME_CHARS = 16 * 1024 * 1024;

/** Characters of a name in an event: a DID, the longest of them, has at most so many. With more the frame is no use. */
export const MAX_NAME_CHARS = 2_048;

/** Operations in one commit; a relay allows 200. With more the frame is no use. */
export const MAX_OPERATIONS = 1_000;

/**
 * Events, and characters of the frames they came in, that wait for the journal. At the limit: the connection is closed,
 * what waits is handed over, and the server is asked again from there.
 */
export const MAX_WAITING_EVENTS = 5_000;
export const MAX_WAITING_CHARS = 32 * 1024 * 1024;

/** Frames in a row that make no sense before the server is left for the next one. */
export const MAX_BAD_FRAMES = 100;

export const CONNECT_TIMEOUT_MS = 10_000;

/** How long a closed connection may take to be gone. */
export const CLOSE_TIMEOUT_MS = 1_000;

/** Pause before the endpoints are tried again: doubles with every full round of failures, for ever. */
export const RECONNECT_BACKOFF = { baseMs: 500, maxMs: 60_000 };

/** A connection that lasted this long was good: what follows is its first failure again. */
export const STABLE_CONNECTION_MS = 10_000;

/**
 * How long a server may say nothing before it is connected to anew, in case it is gone without a word. Doubles while it
 * stays silent, up to the maximum: a narrow filter is silent for long, and resuming costs the server a search.
 */
export const SILENCE = { baseMs: 60_000, maxMs: 600_000 };

/** How old the stored position may become while nothing fires: a restart reads everything since then once more. */
export const CURSOR_INTERVAL_MS = 10_000;

/** How far back servers keep events, in microseconds: an outage that was longer leaves a gap, which is warned about. */
export const USUAL_REPLAY_US = 36n * 3_600_000_000n;
