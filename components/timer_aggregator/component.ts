/**
 * Waits before it submits, and does not submit when the event is gone by then (spec/engine.md 6.3).
 *
 * @module
 */
import { aggregator, parseEvmAddress, requireConfigVar } from "../wavs/mod.ts";
import { keepSubmitResult } from "../wavs/submit_result.ts";
import { parseSeconds } from "./seconds.ts";
import { isOnChain } from "./trigger_transaction.ts";

export const { processInput, handleTimerCallback, handleSubmitCallback } = aggregator({
  processInput() {
    const secs = parseSeconds("timer_delay_secs", requireConfigVar("timer_delay_secs"));
    return [{ tag: "timer", val: { delay: { secs } } }];
  },
  handleTimerCallback({ triggerAction: { data } }) {
    if (data.tag === "evm-contract-event" && !isOnChain(data.val.chain, data.val.log)) return [];
    const chain = requireConfigVar("chain");
    const address = parseEvmAddress(requireConfigVar("service_handler"), "service handler");
    return [{ tag: "submit", val: { tag: "evm", val: { chain, address } } }];
  },
  handleSubmitCallback: (_input, result) => keepSubmitResult(result),
});
