import {
  type Bytes32,
  type ChainKey,
  type EvmAddress,
  type EvmChainConfig,
  parseChainKey,
  parseEvmAddress,
  parseServiceId,
  parseWorkflowId,
  REFERENCE_READING,
  type RegistrySnapshot,
  type ServiceId,
  type WatchedService,
} from "@/domain/mod.ts";

export const CHAIN: ChainKey = parseChainKey("evm:31337");

/** The `number`th address that nobody else uses. */
export function addressOf(number: number): EvmAddress {
  return parseEvmAddress(number.toString(16).padStart(40, "a"));
}

export function serviceIdOf(number: number): ServiceId {
  return parseServiceId(number.toString(16).padStart(64, "0"));
}

export interface WatchedOptions {
  readonly chain?: ChainKey;
  readonly manager?: EvmAddress;
  readonly since?: WatchedService["since"];
  readonly status?: WatchedService["status"];
}

/** A service whose workflows `wf-0`, `wf-1`, … wait for these contracts' events. */
export function watchedService(
  number: number,
  triggers: readonly { readonly address: EvmAddress; readonly eventHash: Bytes32 }[],
  options: WatchedOptions = {},
): WatchedService {
  const chain = options.chain ?? CHAIN;
  return {
    serviceId: serviceIdOf(number),
    manager: { kind: "evm", chain, address: options.manager ?? addressOf(0x1000 + number) },
    status: options.status ?? "active",
    workflows: triggers.map((trigger, index) => ({
      workflowId: parseWorkflowId(`wf-${index}`),
      trigger: { kind: "evm_contract_event", chain, ...trigger },
    })),
    since: options.since,
  };
}

/** A service whose workflows `wf-0`, `wf-1`, … wait for heights. */
export function intervalService(
  number: number,
  triggers: readonly { readonly nBlocks: number; readonly startBlock?: bigint; readonly endBlock?: bigint }[],
  options: WatchedOptions = {},
): WatchedService {
  const chain = options.chain ?? CHAIN;
  return {
    ...watchedService(number, [], options),
    workflows: triggers.map(({ nBlocks, startBlock, endBlock }, index) => ({
      workflowId: parseWorkflowId(`wf-${index}`),
      trigger: { kind: "block_interval", chain, nBlocks, startBlock, endBlock },
    })),
  };
}

export function registryOf(services: readonly WatchedService[], revision = 1): RegistrySnapshot {
  return { revision, services, chains: [] };
}

export function chainConfig(options: Partial<EvmChainConfig> = {}): EvmChainConfig {
  return {
    kind: "evm",
    key: CHAIN,
    chainId: "31337",
    wsEndpoints: [],
    httpEndpoint: undefined,
    faucetEndpoint: undefined,
    wsPriorityEndpointIndex: undefined,
    reading: REFERENCE_READING,
    ...options,
  };
}

/** For sources whose events nobody records. */
export function nothingRecorded(): Promise<readonly []> {
  return Promise.resolve([]);
}
