export { callContract, type ContractCall, readBlockNumber, readCode, revertDataOf } from "./evm/calls.ts";
export { createEvmClient } from "./evm/client.ts";
export { chainSection, isWsUrl, priorityEndpoint, requireEndpoints, wsEndpointsInOrder } from "./evm/endpoints.ts";
export { endpointLabel, isEndpointFailure } from "./evm/errors.ts";
export { checkEvmChain, checkEvmEndpoint } from "./evm/health.ts";
export { createHttpEndpoint } from "./evm/http_endpoint.ts";
export {
  type BlockHeader,
  type DroppedLog,
  type EvmLog,
  parseHash,
  parseHeader,
  parseLog,
  parseQuantity,
  quantity,
} from "./evm/shapes.ts";
export type { EvmClient, RpcRequester, RpcRequestOptions } from "./evm/types.ts";
export { createViemTransport } from "./evm/viem_transport.ts";
export { createLazyWsEndpoint } from "./evm/ws_endpoint.ts";
export { type NotificationListener, openWsConnection, type WsConnection, type WsModules } from "./evm/ws_connection.ts";
