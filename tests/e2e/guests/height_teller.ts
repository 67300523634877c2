/**
 * Answers a block interval trigger with the height it fired for.
 *
 * @module
 */
import { operator } from "@components/wavs/mod.ts";

export const run = operator((action) => {
  if (action.data.tag !== "block-interval") throw new Error(`expected a block interval, found "${action.data.tag}"`);
  return [{ payload: new TextEncoder().encode(String(action.data.val.blockHeight)) }];
});
