import { WavsError } from "@/domain/errors.ts";
import type { EvmChainConfig } from "@/domain/chain_config.ts";
import { chainIdPart, chainNamespace } from "@/domain/ids.ts";

/** The WebSocket endpoint to start with and to come back to; `undefined` when none is preferred or the index is wrong. */
export function priorityEndpoint(config: EvmChainConfig): string | undefined {
  const index = config.wsPriorityEndpointIndex;
  return index === undefined ? undefined : config.wsEndpoints[index];
}

/** The WebSocket endpoints in the order they are tried: from the preferred one on, then around. */
export function wsEndpointsInOrder(config: EvmChainConfig): readonly string[] {
  const start = priorityEndpoint(config) === undefined ? 0 : config.wsPriorityEndpointIndex ?? 0;
  return [...config.wsEndpoints.slice(start), ...config.wsEndpoints.slice(0, start)];
}

/** Whether an endpoint is spoken to over a WebSocket. */
export function isWsUrl(url: string): boolean {
  return /^wss?:/i.test(url);
}

/** The table of the configuration file that describes the chain (spec/wire.md 6.5). */
export function chainSection(config: EvmChainConfig): string {
  return `chains.${chainNamespace(config.key)}.${chainIdPart(config.key)}`;
}

/** @throws WavsError `chain_endpoint_missing` when there is nobody to ask */
export function requireEndpoints(config: EvmChainConfig, endpoints: readonly string[]): readonly string[] {
  if (endpoints.length > 0) return endpoints;
  throw new WavsError("chain_endpoint_missing", {
    message: `Cannot reach chain "${config.key}" because "${chainSection(config)}" has neither "ws_endpoints" nor ` +
      `"http_endpoint"; set at least one of them`,
    retryable: false,
    meta: { chain: config.key },
  });
}
