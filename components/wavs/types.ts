/**
 * The values of `wavs:types`, `wavs:operator` and `wavs:aggregator` as a TypeScript component sees them.
 *
 * Names are the ones in `wit/` in camel case. What is absent is `null` when it comes in; going out, `undefined` does as well.
 *
 * @module
 */

/**
 * An unsigned 64-bit integer. The guest's engine hands it over as a double, so above 2^53 only the leading digits are
 * true; {@link exactInteger} refuses such values.
 */
export type U64 = number;

/** Low and high 64 bits of an unsigned 128-bit integer. */
export interface U128 {
  readonly value: readonly [low: U64, high: U64];
}

/** Nanoseconds since the Unix epoch; as a double it is true to about 256 ns today. */
export interface Timestamp {
  readonly nanos: U64;
}

export interface EvmAddress {
  /** 20 bytes. */
  readonly rawBytes: Uint8Array;
}

export interface CosmosAddress {
  readonly bech32Addr: string;
  /** Length of the part before the separator `1`. */
  readonly prefixLen: number;
}

export interface EvmChainConfig {
  readonly chainId: string;
  readonly wsEndpoints: readonly string[];
  readonly httpEndpoint: string | null;
}

export interface CosmosChainConfig {
  readonly chainId: string;
  readonly rpcEndpoint: string | null;
  readonly grpcEndpoint: string | null;
  readonly grpcWebEndpoint: string | null;
  readonly gasPrice: number;
  readonly gasDenom: string;
  readonly bech32Prefix: string;
}

export interface EvmEventLog {
  readonly address: EvmAddress;
  readonly data: { readonly topics: readonly Uint8Array[]; readonly data: Uint8Array };
  readonly txHash: Uint8Array;
  readonly blockNumber: U64;
  readonly logIndex: U64;
  readonly blockHash: Uint8Array;
  readonly blockTimestamp: U64 | null;
  readonly txIndex: U64;
}

export interface CosmosEvent {
  readonly ty: string;
  readonly attributes: readonly (readonly [key: string, value: string])[];
}

export type TriggerData =
  | { readonly tag: "evm-contract-event"; readonly val: { readonly chain: string; readonly log: EvmEventLog } }
  | { readonly tag: "cosmos-contract-event"; readonly val: CosmosContractEvent }
  | { readonly tag: "block-interval"; readonly val: { readonly chain: string; readonly blockHeight: U64 } }
  | { readonly tag: "cron"; readonly val: { readonly triggerTime: Timestamp } }
  | { readonly tag: "atproto-event"; readonly val: AtProtoEvent }
  | { readonly tag: "hypercore-append"; readonly val: HypercoreAppend }
  | { readonly tag: "raw"; readonly val: Uint8Array };

export interface CosmosContractEvent {
  readonly contractAddress: CosmosAddress;
  readonly chain: string;
  readonly event: CosmosEvent;
  readonly eventIndex: U64;
  readonly blockHeight: U64;
}

export interface AtProtoEvent {
  readonly sequence: number;
  /** Microseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly repo: string;
  readonly collection: string;
  readonly rkey: string;
  readonly action: string;
  readonly cid: string | null;
  readonly recordData: string | null;
  readonly rev: string | null;
  readonly opIndex: number | null;
}

export interface HypercoreAppend {
  readonly feedKey: string;
  readonly index: U64;
  readonly data: Uint8Array;
}

export interface TriggerAction {
  readonly config: { readonly serviceId: string; readonly workflowId: string; readonly trigger: Trigger };
  readonly data: TriggerData;
}

export interface WasmResponse {
  /** What the operators sign; any bytes, also none. */
  readonly payload: Uint8Array;
  readonly ordering?: U64 | null | undefined;
  /** Tells several responses to one event apart; required as soon as there are two. */
  readonly eventIdSalt?: Uint8Array | null | undefined;
}

export interface AggregatorInput {
  readonly triggerAction: TriggerAction;
  readonly operatorResponse: WasmResponse;
}

export type AggregatorAction =
  | { readonly tag: "timer"; readonly val: { readonly delay: { readonly secs: U64 } } }
  | { readonly tag: "submit"; readonly val: SubmitAction };

export type SubmitAction =
  | { readonly tag: "evm"; readonly val: EvmSubmit }
  | { readonly tag: "cosmos"; readonly val: CosmosSubmit };

export interface EvmSubmit {
  readonly chain: string;
  readonly address: EvmAddress;
  /** Wei; the node asks the chain when absent. */
  readonly gasPrice?: U128 | null | undefined;
}

export interface CosmosSubmit {
  readonly chain: string;
  readonly address: CosmosAddress;
  readonly gasPrice?: U128 | null | undefined;
}

/** How an on-chain submission ended. */
export type TxResult =
  | { readonly tag: "ok"; readonly val: AnyTxHash }
  | { readonly tag: "err"; readonly val: string };

export type AnyTxHash =
  | { readonly tag: "evm"; readonly val: Uint8Array }
  | { readonly tag: "cosmos"; readonly val: string };

export interface Service {
  readonly name: string;
  readonly workflows: readonly (readonly [id: string, workflow: Workflow])[];
  readonly status: { readonly tag: "active" | "paused" };
  readonly manager: ServiceManager;
}

export type ServiceManager =
  | { readonly tag: "evm"; readonly val: { readonly chain: string; readonly address: EvmAddress } }
  | { readonly tag: "cosmos"; readonly val: { readonly chain: string; readonly address: CosmosAddress } };

export interface Workflow {
  readonly trigger: Trigger;
  readonly component: Component;
  readonly submit:
    | { readonly tag: "none" }
    | {
      readonly tag: "aggregator";
      readonly val: { readonly component: Component; readonly signatureKind: SignatureKind };
    };
}

export interface SignatureKind {
  readonly algorithm: { readonly tag: "secp256k1" };
  readonly prefix: { readonly tag: "eip191" } | null;
}

export interface Component {
  readonly source: ComponentSource;
  readonly permissions: Permissions;
  readonly fuelLimit: U64 | null;
  readonly timeLimitSeconds: U64 | null;
  readonly config: readonly (readonly [key: string, value: string])[];
  readonly envKeys: readonly string[];
}

export type ComponentSource =
  | { readonly tag: "download"; readonly val: { readonly uri: string; readonly digest: string } }
  | { readonly tag: "registry"; readonly val: RegistrySource }
  | { readonly tag: "digest"; readonly val: string };

export interface RegistrySource {
  readonly digest: string;
  readonly domain: string | null;
  readonly version: string | null;
  readonly pkg: string;
}

export interface Permissions {
  readonly allowedHttpHosts:
    | { readonly tag: "all" }
    | { readonly tag: "only"; readonly val: readonly string[] }
    | { readonly tag: "none" };
  readonly fileSystem: boolean;
  readonly rawSockets: boolean;
  readonly dnsResolution: boolean;
}

export type Trigger =
  | { readonly tag: "evm-contract-event"; readonly val: EvmContractEventTrigger }
  | { readonly tag: "cosmos-contract-event"; readonly val: CosmosContractEventTrigger }
  | { readonly tag: "block-interval"; readonly val: BlockIntervalTrigger }
  | { readonly tag: "cron"; readonly val: CronTrigger }
  | { readonly tag: "atproto-event"; readonly val: AtProtoTrigger }
  | { readonly tag: "hypercore-append"; readonly val: { readonly feedKey: string } }
  | { readonly tag: "manual" };

export interface EvmContractEventTrigger {
  readonly address: EvmAddress;
  readonly chain: string;
  /** 32 bytes. */
  readonly eventHash: Uint8Array;
}

export interface CosmosContractEventTrigger {
  readonly address: CosmosAddress;
  readonly chain: string;
  readonly eventType: string;
}

export interface BlockIntervalTrigger {
  readonly chain: string;
  readonly nBlocks: number;
  readonly startBlock: U64 | null;
  readonly endBlock: U64 | null;
}

export interface CronTrigger {
  readonly schedule: string;
  readonly startTime: Timestamp | null;
  readonly endTime: Timestamp | null;
}

export interface AtProtoTrigger {
  readonly collection: string;
  readonly repoDid: string | null;
  readonly action: string | null;
}
