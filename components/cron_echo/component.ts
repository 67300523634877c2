/**
 * Answers every cron trigger with the same bytes, whatever the time (spec/engine.md 6.3, `echo_cron_interval`).
 *
 * @module
 */
import { encodeText, encodeWithId, operator } from "../wavs/mod.ts";

/** Stands for the trigger id a cron trigger does not have. */
const TRIGGER_ID = 1338n;

export const run = operator(({ data }) => {
  if (data.tag !== "cron") throw new Error("Invalid trigger data");
  return [{ payload: encodeWithId(TRIGGER_ID, encodeText("cron-interval data")) }];
});
