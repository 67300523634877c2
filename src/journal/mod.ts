export type { ExecutionRecord } from "./events.ts";
export { type BatchResult, Journal, type JournalModules, timerDelayMs } from "./journal.ts";
export type { LostLanding } from "./landings.ts";
export { MAX_SWEPT_ROWS } from "./limits.ts";
export type { EnvelopeKey, PeerSignature, Recorded } from "./peer_signatures.ts";
export type { QueueState } from "./submit_queues.ts";
export type {
  ActionRow,
  ActionState,
  EventRow,
  EventState,
  JournalChange,
  SubmissionRow,
  SubmissionState,
  UriChangeRow,
} from "./types.ts";
