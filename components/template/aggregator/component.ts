/** Submits every response to one service handler, once operators agree on it. */
import { aggregator, parseEvmAddress, requireConfigVar } from "../../wavs/mod.ts";

export const { processInput, handleTimerCallback, handleSubmitCallback } = aggregator({
  processInput() {
    const chain = requireConfigVar("chain");
    const address = parseEvmAddress(requireConfigVar("service_handler"), "service handler");
    return [{ tag: "submit", val: { tag: "evm", val: { chain, address } } }];
  },
});
