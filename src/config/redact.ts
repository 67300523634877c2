import { type ChainConfig, encodeChainConfigs, jsonObject, type JsonValue, printJson } from "@/domain/mod.ts";
import type { Config } from "./types.ts";

const U64_MAX = 2n ** 64n - 1n;

/**
 * The document of `GET /config`: the keys and types of spec/wire.md 5.3, every secret as null.
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
    chains: encodeChainConfigs(chains),
    signing_mnemonic: null,
    aggregator_cosmos_credential: null,
    aggregator_evm_credential: null,
    max_wasm_fuel: config.maxWasmFuel ?? U64_MAX,
    max_execution_seconds: config.maxExecutionSeconds ?? U64_MAX,
    jaeger: null,
    prometheus: null,
    prometheus_push_interval_secs: null,
    ipfs_gateway: config.ipfsGateway,
    bearer_token: null,
    dev_endpoints_enabled: config.devEndpointsEnabled,
    max_body_size_mb: BigInt(config.maxBodySizeMb),
    health_check_mode: config.healthCheckMode,
    aggregator: jsonObject({ burned_queue_ttl_secs: config.burnedQueueTtlSecs ?? null }),
    p2p: "disabled",
    jetstream_endpoint: "wss://jetstream1.us-east.bsky.network/subscribe",
    jetstream_max_message_size: 1_048_576n,
    hyperswarm_bootstrap: null,
  };
  return printJson(jsonObject(document));
}

/** Values that must never be printed, for the log filter. */
export function secretsOf(config: Config): readonly string[] {
  const { signingMnemonic, aggregatorCosmosCredential, aggregatorEvmCredential, bearerToken } = config;
  return [signingMnemonic, aggregatorCosmosCredential, aggregatorEvmCredential, bearerToken]
    .filter((value) => value !== undefined);
}
