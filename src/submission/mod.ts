export { type LaneModules, type LaneOptions } from "./evm/lane.ts";
export { readBalance } from "./evm/rpc.ts";
export { createEvmSubmitter } from "./evm/submitter.ts";
export type { EvmSubmission, SendingAccount, Submitter } from "./types.ts";
