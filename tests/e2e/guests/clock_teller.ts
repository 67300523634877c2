/**
 * Answers a cron trigger with the time it was scheduled for, in seconds since the epoch.
 *
 * @module
 */
import { operator } from "@components/wavs/mod.ts";

export const run = operator((action) => {
  if (action.data.tag !== "cron") throw new Error(`expected a cron trigger, found "${action.data.tag}"`);
  const seconds = BigInt(action.data.val.triggerTime.nanos) / 1_000_000_000n;
  return [{ payload: new TextEncoder().encode(String(seconds)) }];
});
