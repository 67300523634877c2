/**
 * Answers block intervals with what they were and how many came before (spec/engine.md 6.3, `echo_block_interval`).
 *
 * @module
 */
import { encodeText, encodeWithId, operator } from "../wavs/mod.ts";
import { openBucket } from "../wavs/keyvalue.ts";

/** Stands for the trigger id a block interval does not have. */
const TRIGGER_ID = 1337n;

export const run = operator(({ config: { trigger }, data }) => {
  if (trigger.tag !== "block-interval" || data.tag !== "block-interval") {
    throw new Error("Invalid trigger config or data");
  }
  const count = openBucket("foo").increment("bar", 1);
  // Without a start block the first interval is cut short by the moment of registration, so it is left out.
  if (count === 1 && trigger.val.startBlock === null) return [];
  const answer = {
    trigger_config_start: trigger.val.startBlock,
    trigger_config_end: trigger.val.endBlock,
    trigger_config_interval: trigger.val.nBlocks,
    trigger_data_block_height: data.val.blockHeight,
    count,
  };
  return [{ payload: encodeWithId(TRIGGER_ID, encodeText(JSON.stringify(answer))) }];
});
