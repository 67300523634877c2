import type { ChainKey, CosmosAddress, EventId, EventOrder, EvmAddress, Hex } from "./ids.ts";
import type { SignatureKind } from "./service.ts";
import type { TriggerAction } from "./trigger.ts";

/** One answer of an operator component (spec/wire.md 2.6). */
export interface WasmResponse {
  readonly payload: Uint8Array;
  readonly ordering: bigint | undefined;
  /** Present but empty differs from absent (spec/wire.md 1.6.1). */
  readonly eventIdSalt: Uint8Array | undefined;
}

/** What is signed and carried on-chain (spec/wire.md 3.2). */
export interface Envelope {
  readonly eventId: EventId;
  readonly ordering: EventOrder;
  readonly payload: Uint8Array;
}

export interface WavsSignature {
  /** 65 bytes `r || s || v`, v = 27 or 28. */
  readonly data: Uint8Array;
  readonly kind: SignatureKind;
}

/** A signed response: the unit operators exchange (spec/wire.md 2.6). */
export interface Submission {
  readonly triggerAction: TriggerAction;
  readonly operatorResponse: WasmResponse;
  readonly eventId: EventId;
  readonly envelope: Envelope;
  readonly envelopeSignature: WavsSignature;
}

/** The input of an aggregator component. */
export interface AggregatorInput {
  readonly triggerAction: TriggerAction;
  readonly operatorResponse: WasmResponse;
}

/** What an aggregator component decides (spec/wire.md 2.7). */
export type AggregatorAction = { readonly kind: "submit"; readonly target: SubmitTarget } | TimerAction;

export type SubmitTarget =
  | {
    readonly kind: "evm";
    readonly chain: ChainKey;
    readonly address: EvmAddress;
    readonly gasPrice: bigint | undefined;
  }
  | {
    readonly kind: "cosmos";
    readonly chain: ChainKey;
    readonly address: CosmosAddress;
    readonly gasPrice: bigint | undefined;
  };

export interface TimerAction {
  readonly kind: "timer";
  readonly delaySeconds: bigint;
}

/** Solidity `SignatureData`; signers ascend (spec/wire.md 3.5). */
export interface SignatureData {
  readonly signers: readonly EvmAddress[];
  readonly signatures: readonly Hex[];
  readonly referenceBlock: number;
}

/** How an on-chain submission ended, as the submit callback of an aggregator component sees it. */
export type TxResult =
  | { readonly kind: "evm"; readonly txHash: Uint8Array }
  | { readonly kind: "cosmos"; readonly txHash: string }
  | { readonly kind: "failed"; readonly reason: string };
