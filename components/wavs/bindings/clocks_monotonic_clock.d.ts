import type { Pollable } from "./io_poll.d.ts";

declare const monotonicClock: {
  /** Nanoseconds. */
  now(): number;
  subscribeDuration(nanoseconds: number): Pollable;
};
export default monotonicClock;
