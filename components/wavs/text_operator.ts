import { encodeWithId } from "./encoding.ts";
import { operator } from "./exports.ts";
import { decodeText, encodeText } from "./text.ts";
import { type DecodedTrigger, decodeTrigger } from "./trigger.ts";
import type { TriggerAction, WasmResponse } from "./types.ts";

/**
 * Makes the `run` export of a component that answers text with text: `export const run = textOperator((text) => …)`.
 *
 * The trigger's id goes along with the answer, in the form the service's contracts read. Triggers that carry no data, block
 * intervals and cron, are answered with the error "Unsupported trigger data type".
 */
export function textOperator(
  handle: (text: string, trigger: DecodedTrigger) => string,
): (action: TriggerAction) => readonly WasmResponse[] {
  return operator((action) => {
    const trigger = decodeTrigger(action.data);
    if (trigger === undefined) throw new Error("Unsupported trigger data type");
    const answer = handle(decodeText(trigger.data), trigger);
    return [{ payload: encodeWithId(trigger.triggerId, encodeText(answer)) }];
  });
}
