import { setImmediate } from "node:timers";

// JavaScript Promise Integration is in V8 but not yet in TypeScript's library.
const { Suspending } = WebAssembly as unknown as {
  readonly Suspending: new (work: () => Promise<void>) => WebAssembly.ImportValue;
};

/** Guests of this isolate that gave way, at most one per execution under way; the first goes on next. */
const waiting: (() => void)[] = [];

/** Suspends the guest that calls it until it is its turn again. */
export const GIVE_WAY = new Suspending(() =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) void setImmediate(nextTurn);
  })
);

/** One guest at a time: between two turns messages come in and timers fire. */
function nextTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) void setImmediate(nextTurn);
}
