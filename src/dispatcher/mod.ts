export { type Dispatcher, type DispatcherStats, startDispatcher } from "./dispatcher.ts";
export { DEFAULT_SUBMISSION_TTL_MS } from "./limits.ts";
export type { DispatcherModules, DispatcherOptions, Publish, ServiceLookup } from "./types.ts";
