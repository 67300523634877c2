import { systemClock } from "./clock.ts";
import type { Context, Logger, WorkerRoster } from "./types.ts";

export interface ContextOptions {
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly workers?: WorkerRoster;
}

/** The real thing: system clock and randomness. */
export function createContext(options: ContextOptions): Context {
  return { ...options, clock: systemClock, random: Math.random };
}

/** The same context, logging under `module`. */
export function childContext(context: Context, module: string): Context {
  return { ...context, log: context.log.child(module) };
}
