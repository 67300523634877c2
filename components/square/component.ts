/**
 * Answers JSON `{"x": n}` with `{"y": n * n}`, wrapping at 64 bits (spec/engine.md 6.3).
 *
 * @module
 */
import { decodeText, decodeTrigger, encodeText, encodeWithId, operator } from "../wavs/mod.ts";
import { parseJson } from "../wavs/json.ts";

export const run = operator((action) => {
  const trigger = decodeTrigger(action.data);
  if (trigger === undefined) throw new Error("Unsupported trigger data type");
  const x = parseJson(decodeText(trigger.data)).field("x").u64();
  const answer = encodeText(`{"y":${BigInt.asUintN(64, x * x)}}`);
  return [{ payload: encodeWithId(trigger.triggerId, answer) }];
});
