import monotonicClock from "wasi:clocks/monotonic-clock@0.2.0";
import poll from "wasi:io/poll@0.2.0";

const NANOSECONDS_PER_MS = 1e6;

/** Milliseconds of a clock that never goes back; only differences mean anything. */
export function monotonicMs(): number {
  return monotonicClock.now() / NANOSECONDS_PER_MS;
}

/** Lets the node do other work for that long. */
export function sleep(durationMs: number): void {
  const pollable = monotonicClock.subscribeDuration(durationMs * NANOSECONDS_PER_MS);
  poll.poll([pollable]);
  pollable[Symbol.dispose]();
}
