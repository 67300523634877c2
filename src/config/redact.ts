import { type ChainConfig, encodeChainConfigs, jsonObject, type JsonValue, printJson } from "@/domain/mod.ts";
import { redactUrl } from "./endpoint_url.ts";
import { encodeP2p } from "./p2p.ts";
import type { Config } from "./types.ts";

/**
 * The document of `GET /config`: the keys and types of spec/wire.md 5.3, every secret as null, and `***` for the parts of
 * an endpoint that give access to it.
 *
 * @param chains the chains in use now, those added at run time included
 */
export function redactedConfig(config: Config, chains: readonly ChainConfig[]): string {
  const document: Record<string, JsonValue> = {
    port: BigInt(config.port),
    log_level: config.logLevel,
    host: config.host,
    data: config.data,
    cors_allowed_origins: config.corsAllowedOrigins,
    wasm_lru_size: BigInt(config.wasmLruSize),
    chains: encodeChainConfigs(chains.map((chain) => withEndpoints(chain, (url) => redactUrl(url).text))),
    signing_mnemonic: null,
    aggregator_cosmos_credential: null,
    aggregator_evm_credential: null,
    max_wasm_fuel: config.maxWasmFuel,
    max_execution_seconds: config.maxExecutionSeconds,
    jaeger: null,
    prometheus: null,
    prometheus_push_interval_secs: null,
    ipfs_gateway: config.ipfsGateway,
    bearer_token: null,
    dev_endpoints_enabled: config.devEndpointsEnabled,
    max_body_size_mb: BigInt(config.maxBodySizeMb),
    health_check_mode: config.healthCheckMode,
    aggregator: jsonObject({ burned_queue_ttl_secs: config.burnedQueueTtlSecs ?? null }),
    p2p: encodeP2p(config.p2p),
    jetstream_endpoint: config.jetstreamEndpoints.map((url) => redactUrl(url).text).join(","),
    jetstream_max_message_size: BigInt(config.jetstreamMaxMessageBytes),
    hyperswarm_bootstrap: config.hyperswarmBootstrap.join(",") || null,
  };
  return printJson(jsonObject(document));
}

/** Values that must never be printed, for the log filter. */
export function secretsOf(config: Config): readonly string[] {
  const { signingMnemonic, aggregatorCosmosCredential, aggregatorEvmCredential, bearerToken } = config;
  const endpoints = [...config.chains.flatMap(endpointsOf), ...config.jetstreamEndpoints]
    .flatMap((url) => redactUrl(url).secrets);
  return [signingMnemonic, aggregatorCosmosCredential, aggregatorEvmCredential, bearerToken, ...endpoints]
    .filter((value) => value !== undefined);
}

function endpointsOf(chain: ChainConfig): readonly string[] {
  const urls: string[] = [];
  withEndpoints(chain, (url) => {
    urls.push(url);
    return url;
  });
  return urls;
}

function withEndpoints(chain: ChainConfig, change: (url: string) => string): ChainConfig {
  const optional = (url: string | undefined) => url === undefined ? undefined : change(url);
  if (chain.kind === "evm") {
    return { ...chain, wsEndpoints: chain.wsEndpoints.map(change), httpEndpoint: optional(chain.httpEndpoint) };
  }
  return { ...chain, rpcEndpoint: optional(chain.rpcEndpoint), grpcEndpoint: optional(chain.grpcEndpoint) };
}
