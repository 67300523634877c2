import type { Clock } from "../types.ts";

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Lets time pass: whoever sleeps wakes in order of its time, and gets to act before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock to another time, as an administrator would; sleeps are not shortened by it. */
  set(nowMs: number): void;
}

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

export function manualClock(startMs = 0): ManualClock {
  let wallMs = startMs;
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();
  const pass = (ms: number) => {
    wallMs += ms;
    elapsedMs += ms;
  };
  return {
    now: () => wallMs,
    monotonic: () => elapsedMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        const sleeper = { untilMs: elapsedMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    set: (nowMs) => {
      wallMs = nowMs;
    },
    advance: async (ms) => {
      const endMs = elapsedMs + ms;
      await turn();
      for (;;) {
        const [first] = [...sleepers].filter(({ untilMs }) => untilMs <= endMs)
          .sort((left, right) => left.untilMs - right.untilMs);
        if (first === undefined) break;
        pass(Math.max(0, first.untilMs - elapsedMs));
        first.wake();
        await turn();
      }
      pass(endMs - elapsedMs);
    },
  };
}

/** Lets everything that can go on now do so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
