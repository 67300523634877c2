import type { ChainKey } from "./ids.ts";

/** How to reach one chain (spec/wire.md 2.8). `key` is what services name it by. */
export type ChainConfig = EvmChainConfig | CosmosChainConfig;

export interface EvmChainConfig {
  readonly kind: "evm";
  readonly key: ChainKey;
  readonly chainId: string;
  readonly wsEndpoints: readonly string[];
  readonly httpEndpoint: string | undefined;
  readonly faucetEndpoint: string | undefined;
  readonly wsPriorityEndpointIndex: number | undefined;
}

export interface CosmosChainConfig {
  readonly kind: "cosmos";
  readonly key: ChainKey;
  readonly chainId: string;
  readonly bech32Prefix: string;
  readonly rpcEndpoint: string | undefined;
  readonly grpcEndpoint: string | undefined;
  readonly gasPrice: number;
  readonly gasDenom: string;
  readonly faucetEndpoint: string | undefined;
}
