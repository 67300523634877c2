export { createHost, type HostModules } from "./host_interface.ts";
export { aggregatorInputToWit, triggerActionToWit, txResultToWit } from "./input_to_wit.ts";
export { actionsFromWit, responsesFromWit } from "./output_from_wit.ts";
export type { WitAggregatorAction, WitResult, WitWasmResponse } from "./wit_values.ts";
