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
  readonly reading: EvmReading;
}

/**
 * How events are read from an EVM chain. This node's own settings, beside those of spec/wire.md 2.8; they decide what is
 * signed, so all operators of a service should have the same.
 */
export interface EvmReading {
  /** Blocks on top of the one an event stands in before it is taken, or the tag a provider must give that block. */
  readonly confirmations: number | "safe" | "finalized";
  /**
   * Where the time in an event comes from, which is part of its id: with the log, if the provider sends it; from the
   * header of its block where the log lacks it; or nowhere.
   */
  readonly eventTimestamp: "provider" | "header" | "none";
  /** How many endpoints must tell of the same logs before they are believed. */
  readonly rpcQuorum: number;
}

/** What the reference does (spec/network.md 1.2). */
export const REFERENCE_READING: EvmReading = { confirmations: 0, eventTimestamp: "provider", rpcQuorum: 1 };

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
