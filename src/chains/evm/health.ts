import type { Context } from "@/context/mod.ts";
import type { EvmChainConfig } from "@/domain/chain_config.ts";
import { describeError, WavsError } from "@/domain/errors.ts";
import type { ChainKey } from "@/domain/ids.ts";
import { isWsUrl, requireEndpoints, wsEndpointsInOrder } from "./endpoints.ts";
import { endpointLabel, invalidAnswer } from "./errors.ts";
import { createHttpEndpoint } from "./http_endpoint.ts";
import { parseQuantity } from "./shapes.ts";
import type { RpcRequester, RpcRequestOptions } from "./types.ts";
import { createLazyWsEndpoint } from "./ws_endpoint.ts";

interface Check {
  readonly what: string;
  readonly method: string;
  readonly verify: (answer: unknown) => void;
}

export interface EndpointCheckModules {
  readonly context: Context;
  /** Gives up on the check. */
  readonly signal?: AbortSignal;
}

/** In this order (spec/wire.md 6.6); the chain id is asked for but not compared. */
const CHECKS: readonly Check[] = [
  { what: "block number", method: "eth_blockNumber", verify: parseQuantity },
  { what: "chain id", method: "eth_chainId", verify: parseQuantity },
  { what: "gas price", method: "eth_gasPrice", verify: parseQuantity },
  { what: "sync state", method: "eth_syncing", verify: requireSynced },
];

/**
 * Checks every endpoint the chain is queried through: all WebSockets, else the HTTP one (spec/wire.md 6.5, 6.6).
 *
 * @throws WavsError `chain_unhealthy` for the first failure: `[evm:31337] block number: …`; `chain_endpoint_missing`
 */
export async function checkEvmChain(config: EvmChainConfig, context: Context): Promise<void> {
  const webSockets = wsEndpointsInOrder(config);
  const http = config.httpEndpoint === undefined ? [] : [config.httpEndpoint];
  for (const url of requireEndpoints(config, webSockets.length > 0 ? webSockets : http)) {
    await checkEvmEndpoint(config.key, url, { context });
  }
}

/** {@link checkEvmChain} for a single endpoint. */
export async function checkEvmEndpoint(chain: ChainKey, url: string, modules: EndpointCheckModules): Promise<void> {
  const { context, signal } = modules;
  const options = signal === undefined ? {} : { signal };
  if (!isWsUrl(url)) return await runChecks({ chain, url, endpoint: createHttpEndpoint(url, context), options });
  await using endpoint = createLazyWsEndpoint(url, context);
  await runChecks({ chain, url, endpoint, options });
}

async function runChecks({ chain, url, endpoint, options }: {
  readonly chain: ChainKey;
  readonly url: string;
  readonly endpoint: RpcRequester;
  readonly options: RpcRequestOptions;
}): Promise<void> {
  for (const { what, method, verify } of CHECKS) {
    try {
      verify(await endpoint.request(method, [], options));
    } catch (cause) {
      throw new WavsError("chain_unhealthy", {
        message: `[${chain}] ${what}: ${describeError(cause)}`,
        retryable: true,
        meta: { chain, endpoint: endpointLabel(url) },
        cause,
      });
    }
  }
}

function requireSynced(answer: unknown): void {
  if (answer !== false) throw invalidAnswer("false, since the node must be in sync", answer);
}
