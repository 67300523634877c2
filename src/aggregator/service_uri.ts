import { decodeFunctionResult, encodeFunctionData } from "viem";
import { callContract, chainSection, revertDataOf, type RpcRequester } from "@/chains/mod.ts";
import { type EvmAddress, type EvmChainConfig, type Hex, SERVICE_MANAGER_ABI, WavsError } from "@/domain/mod.ts";

const CALL = { abi: SERVICE_MANAGER_ABI, functionName: "getServiceURI" } as const;

/**
 * Where a service manager says its service definition is (spec/wire.md 4.4).
 *
 * @throws WavsError `no_service_manager` when the address does not answer like one, and what an unreachable chain throws
 */
export async function readServiceUri(rpc: RpcRequester, manager: EvmAddress): Promise<string> {
  try {
    return decodeUri(manager, await callContract(rpc, { to: manager, data: encodeFunctionData(CALL) }));
  } catch (error) {
    if (revertDataOf(error) === undefined) throw error;
    throw noServiceManager(manager, error);
  }
}

/** Service URIs are read over HTTP alone (spec/wire.md 4.4). @throws WavsError `chain_endpoint_missing` */
export function requireHttpEndpoint(chain: EvmChainConfig): void {
  if (chain.httpEndpoint !== undefined) return;
  throw new WavsError("chain_endpoint_missing", {
    message: `Cannot read a service URI from chain "${chain.key}" because "${chainSection(chain)}.http_endpoint" is ` +
      `not set; set it in the configuration`,
    retryable: false,
    meta: { chain: chain.key },
  });
}

function decodeUri(manager: EvmAddress, data: Hex): string {
  try {
    return decodeFunctionResult({ ...CALL, data });
  } catch (cause) {
    throw noServiceManager(manager, cause);
  }
}

function noServiceManager(manager: EvmAddress, cause: unknown): WavsError {
  return new WavsError("no_service_manager", {
    message: `Cannot read the service URI because there is no service manager at "${manager}"`,
    retryable: false,
    meta: { manager },
    cause,
  });
}
