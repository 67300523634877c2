export { type Link, type LinkModules, type LinkOptions, openLink } from "./link.ts";
export { createPortLogger } from "./port_logger.ts";
export { Roster } from "./roster.ts";
export { startWorker, type SupervisedWorker, type WorkerModules, type WorkerOptions } from "./supervisor.ts";
export type { CallContext, CallOptions, Handlers, LinkStats, Remote } from "./types.ts";
export { serveWorker } from "./worker.ts";
