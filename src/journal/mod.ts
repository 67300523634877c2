export type { ExecutionRecord } from "./events.ts";
export { type BatchResult, Journal, type JournalModules } from "./journal.ts";
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
