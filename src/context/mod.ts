export { backoffMs, type BackoffOptions } from "./backoff.ts";
export { systemClock } from "./clock.ts";
export { childContext, type ContextOptions, createContext } from "./context.ts";
export { SETTLED } from "./settled.ts";
export {
  type Clock,
  type Context,
  type KeptWorker,
  LOG_LEVELS,
  type LogFields,
  type Logger,
  type LogLevel,
  type WorkerRoster,
} from "./types.ts";
