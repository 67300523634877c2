import type { Bytes32, ChainKey, CosmosAddress, EvmAddress, ServiceId, TimestampNs, WorkflowId } from "./ids.ts";
import type { JsonValue } from "./json/mod.ts";

/** What a workflow waits for (spec/wire.md 2.3). */
export type Trigger =
  | {
    readonly kind: "cosmos_contract_event";
    readonly address: CosmosAddress;
    readonly chain: ChainKey;
    /** Without the `wasm-` prefix. */
    readonly eventType: string;
  }
  | {
    readonly kind: "evm_contract_event";
    readonly address: EvmAddress;
    readonly chain: ChainKey;
    /** Topic 0. */
    readonly eventHash: Bytes32;
  }
  | {
    readonly kind: "block_interval";
    readonly chain: ChainKey;
    readonly nBlocks: number;
    readonly startBlock: bigint | undefined;
    readonly endBlock: bigint | undefined;
  }
  | {
    readonly kind: "cron";
    readonly schedule: string;
    readonly startTime: TimestampNs | undefined;
    readonly endTime: TimestampNs | undefined;
  }
  | {
    readonly kind: "at_proto_event";
    readonly collection: string;
    readonly repoDid: string | undefined;
    readonly action: AtProtoAction | undefined;
  }
  | { readonly kind: "hypercore_append"; readonly feedKey: string }
  | { readonly kind: "manual" };

export type AtProtoAction = "create" | "update" | "delete";

/** What actually happened, as every operator sees it byte for byte (spec/wire.md 2.5, 1.6.3). */
export type TriggerData =
  | {
    readonly kind: "CosmosContractEvent";
    readonly contractAddress: CosmosAddress;
    readonly chain: ChainKey;
    readonly event: CosmosEvent;
    readonly blockHeight: bigint;
    readonly eventIndex: bigint;
  }
  | {
    readonly kind: "EvmContractEvent";
    readonly chain: ChainKey;
    readonly contractAddress: EvmAddress;
    readonly logData: { readonly topics: readonly Bytes32[]; readonly data: Uint8Array };
    readonly txHash: Bytes32;
    readonly blockNumber: bigint;
    readonly logIndex: bigint;
    readonly blockHash: Bytes32;
    /** Seconds; part of the event id, so absent and present differ (spec/wire.md 9.2.3). */
    readonly blockTimestamp: bigint | undefined;
    readonly txIndex: bigint;
  }
  | { readonly kind: "BlockInterval"; readonly chain: ChainKey; readonly blockHeight: bigint }
  | { readonly kind: "Cron"; readonly triggerTime: TimestampNs }
  | {
    readonly kind: "AtProtoEvent";
    readonly sequence: bigint;
    /** Microseconds. */
    readonly timestamp: bigint;
    readonly repo: string;
    readonly collection: string;
    readonly rkey: string;
    readonly action: AtProtoAction;
    readonly cid: string | undefined;
    readonly record: JsonValue | undefined;
    readonly rev: string | undefined;
    readonly opIndex: number | undefined;
  }
  | { readonly kind: "HypercoreAppend"; readonly feedKey: string; readonly index: bigint; readonly data: Uint8Array }
  | { readonly kind: "Raw"; readonly data: Uint8Array };

export interface CosmosEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

export interface TriggerConfig {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: Trigger;
}

/** The input of an operator component (spec/wire.md 2.6). */
export interface TriggerAction {
  readonly config: TriggerConfig;
  readonly data: TriggerData;
}
