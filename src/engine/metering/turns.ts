import { setImmediate } from "node:timers";

// JavaScript Promise Integration is in V8 but not yet in TypeScript's library.
const { Suspending } = WebAssembly as unknown as {
  readonly Suspending: new (work: () => Promise<void>) => WebAssembly.ImportValue;
};

/** Suspends the guest that calls it until what waits in this isolate, messages, timers and other guests, had its turn. */
export const GIVE_WAY = new Suspending(() => new Promise((resolve) => void setImmediate(resolve)));
