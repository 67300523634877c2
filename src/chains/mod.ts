export { callContract, type ContractCall, readBlockNumber, readCode, revertDataOf } from "./evm/calls.ts";
export { createEvmClient } from "./evm/client.ts";
export { endpointLabel, isEndpointFailure } from "./evm/errors.ts";
export { checkEvmChain } from "./evm/health.ts";
export { parseQuantity } from "./evm/shapes.ts";
export type { EvmClient, RpcRequester, RpcRequestOptions } from "./evm/types.ts";
export { createViemTransport } from "./evm/viem_transport.ts";
