import { backoffMs, childContext, type Context } from "@/context/mod.ts";
import type { EvmChainConfig } from "@/domain/chain_config.ts";
import type { ChainKey } from "@/domain/ids.ts";
import { ENDPOINT_PENALTY } from "../limits.ts";
import { isWsUrl, requireEndpoints, wsEndpointsInOrder } from "./endpoints.ts";
import { endpointLabel, isEndpointFailure } from "./errors.ts";
import { createHttpEndpoint } from "./http_endpoint.ts";
import type { EvmClient, RpcRequester, RpcRequestOptions } from "./types.ts";
import { createLazyWsEndpoint } from "./ws_endpoint.ts";

interface Endpoint {
  readonly url: string;
  readonly requester: RpcRequester & Partial<AsyncDisposable>;
  failures: number;
  /** On the monotonic clock; before it others are asked first. */
  avoidUntilMs: number;
}

/**
 * A client of one chain that fails over: HTTP first, then the WebSockets from the preferred one on.
 *
 * An endpoint that gives no usable answer is passed over for a while; a refusal (`rpc_error`) is an answer and is not
 * asked again elsewhere. Each endpoint is tried once per request. Nothing connects before the first request.
 *
 * @throws WavsError `chain_endpoint_missing`
 */
export function createEvmClient(config: EvmChainConfig, context: Context): EvmClient {
  const http = config.httpEndpoint === undefined ? [] : [config.httpEndpoint];
  const urls = requireEndpoints(config, [...http, ...wsEndpointsInOrder(config)]);
  return new FailoverClient(config.key, urls, childContext(context, "evm"));
}

class FailoverClient implements EvmClient {
  readonly chain: ChainKey;
  readonly #endpoints: readonly Endpoint[];
  readonly #context: Context;

  constructor(chain: ChainKey, urls: readonly string[], context: Context) {
    this.chain = chain;
    this.#context = context;
    this.#endpoints = urls.map((url) => ({
      url,
      requester: isWsUrl(url) ? createLazyWsEndpoint(url, context) : createHttpEndpoint(url, context),
      failures: 0,
      avoidUntilMs: -Infinity,
    }));
  }

  async request(method: string, params: readonly unknown[], options: RpcRequestOptions = {}): Promise<unknown> {
    let failure: unknown;
    for (const endpoint of this.#inOrder()) {
      try {
        const result = await endpoint.requester.request(method, params, options);
        endpoint.failures = 0;
        return result;
      } catch (error) {
        if (!isEndpointFailure(error)) throw error;
        failure = error;
        this.#penalize(endpoint, error.message);
      }
    }
    throw failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#endpoints.map(({ requester }) => requester[Symbol.asyncDispose]?.()));
  }

  /** Those without a penalty first; when all have one, all are tried. */
  #inOrder(): readonly Endpoint[] {
    const now = this.#context.clock.monotonic();
    const isAvoided = (endpoint: Endpoint) => endpoint.avoidUntilMs > now;
    return [
      ...this.#endpoints.filter((endpoint) => !isAvoided(endpoint)),
      ...this.#endpoints.filter(isAvoided),
    ];
  }

  #penalize(endpoint: Endpoint, error: string): void {
    const { clock, random, log } = this.#context;
    const penaltyMs = backoffMs(ENDPOINT_PENALTY, ++endpoint.failures, random);
    endpoint.avoidUntilMs = clock.monotonic() + penaltyMs;
    log.warn("Endpoint gave no usable answer", {
      chain: this.chain,
      endpoint: endpointLabel(endpoint.url),
      error,
      penaltyMs,
    });
  }
}
