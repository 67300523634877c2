import type { Bytes32, ChainKey, EventId, EvmAddress, ServiceId, WorkflowId } from "@/domain/mod.ts";
import type { AggregatorAction, TriggerAction, TxResult, WasmResponse } from "@/domain/mod.ts";

/**
 * Where a trigger has got to. `executed` means its responses have rows of their own; it becomes `final` with the last
 * of them. `skipped`, `orphaned` and `dead` are ends as well, each with a reason.
 */
export type EventState = "detected" | "executing" | "executed" | "final" | "skipped" | "orphaned" | "dead";

/** Where one response has got to: signed, agreed on by enough operators, being carried out, done. */
export type SubmissionState = "unsigned" | "signed" | "quorum" | "submitting" | "final" | "orphaned" | "dead";

/** Where one decision of the aggregator component has got to. `submitted` waits for its callback. */
export type ActionState = "pending" | "submitting" | "submitted" | "final" | "dead";

/** A trigger that fired, as the journal keeps it. */
export interface EventRow {
  readonly id: number;
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly action: TriggerAction;
  readonly state: EventState;
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly detectedAtMs: number;
}

/** One response of an operator component on its way to the chain. */
export interface SubmissionRow {
  readonly id: number;
  readonly eventRow: number;
  readonly eventId: EventId;
  readonly response: WasmResponse;
  readonly signer: EvmAddress | undefined;
  readonly signature: Uint8Array | undefined;
  readonly state: SubmissionState;
  readonly reason: string | undefined;
  readonly attempts: number;
  /** How often peers were told of it. */
  readonly publishAttempts: number;
  readonly createdAtMs: number;
}

export interface ActionRow {
  readonly id: number;
  readonly submissionId: number;
  readonly action: AggregatorAction;
  readonly outcome: TxResult | undefined;
  readonly state: ActionState;
  readonly attempts: number;
  readonly createdAtMs: number;
}

/** An on-chain change of a service URI that waits to be taken over. */
export interface UriChangeRow {
  readonly id: number;
  readonly serviceId: ServiceId;
  readonly chain: ChainKey;
  readonly uri: string;
  readonly blockNumber: bigint;
  readonly attempts: number;
}

/** Told to observers after it was committed. */
export type JournalChange =
  | { readonly subject: "event"; readonly eventRow: number; readonly state: EventState; readonly reason?: string }
  | {
    readonly subject: "submission";
    readonly eventRow: number;
    readonly submissionId: number;
    readonly state: SubmissionState;
    readonly reason?: string;
  }
  | {
    readonly subject: "action";
    readonly eventRow: number;
    readonly submissionId: number;
    readonly actionId: number;
    readonly state: ActionState;
    readonly txHash?: Bytes32;
    readonly reason?: string;
  }
  /** Of an action of this node, about to be sent. */
  | { readonly subject: "transaction"; readonly actionId: number; readonly chain: ChainKey; readonly hash: Bytes32 }
  | {
    readonly subject: "peer_signature";
    readonly serviceId: ServiceId;
    readonly eventId: EventId;
    readonly signer: EvmAddress;
  }
  | { readonly subject: "uri_change"; readonly serviceId: ServiceId };

/** How an item leaves the road: told why, in a sentence. */
export interface Ending<State> {
  readonly state: State;
  readonly reason: string;
}
