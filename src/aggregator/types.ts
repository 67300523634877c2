import type { Bytes32, ChainKey, EventId, EvmAddress } from "@/domain/ids.ts";
import type { RegistryChannel, RegistrySnapshot } from "@/domain/registry.ts";
import type { ServiceManager } from "@/domain/service.ts";
import type { Envelope, SubmitTarget, WavsSignature } from "@/domain/submission.ts";
import type {
  SignedTransaction,
  SubmitOutcome,
  TransactionRow,
  Turn,
  UnsignedTransaction,
} from "@/domain/transaction.ts";

export type { SubmitOutcome, TransactionRow } from "@/domain/transaction.ts";

/** What the aggregator is started with. */
export interface AggregatorBoot {
  readonly registryChannel: RegistryChannel;
}

export interface ValidateRequest {
  readonly manager: ServiceManager;
  readonly envelope: Envelope;
  readonly signatures: readonly WavsSignature[];
}

/**
 * What the service manager says of the signatures gathered so far (spec/wire.md 3.6). Weights are its own units; a
 * manager that only says that the signers weigh nothing leaves threshold and total at zero.
 */
export type QuorumOutcome =
  | { readonly kind: "reached"; readonly referenceBlock: number }
  | {
    readonly kind: "insufficient";
    readonly signerWeight: bigint;
    readonly thresholdWeight: bigint;
    readonly totalWeight: bigint;
  }
  | { readonly kind: "signer_not_registered" };

export interface SignerWeightRequest {
  readonly manager: ServiceManager;
  readonly signer: EvmAddress;
}

export interface SubmitRequest {
  readonly actionId: number;
  readonly target: SubmitTarget;
  readonly envelope: Envelope;
  readonly signatures: readonly WavsSignature[];
  readonly turn: Turn;
  /** Transactions recorded for this action before: they are looked up, and sent again, before a new one is made. */
  readonly earlier: readonly TransactionRow[];
}

/** A peer says that a transaction brings an event to a handler. */
export interface LandingAnnouncement {
  readonly chain: ChainKey;
  readonly handler: EvmAddress;
  readonly eventId: EventId;
  readonly txHash: Bytes32;
  /** Who sends it, by its own word. */
  readonly operator: EvmAddress;
}

/** Blocks in which transactions took effect. */
export interface StandingRequest {
  readonly chain: ChainKey;
  readonly blocks: readonly BlockName[];
}

export interface BlockName {
  readonly number: bigint;
  readonly hash: Bytes32;
}

/** How far a chain has grown, and which of the blocks are no longer part of it. */
export interface Standing {
  readonly head: bigint;
  readonly gone: readonly BlockName[];
}

/** The account that pays for transactions, on one chain. */
export interface PayingAccount {
  readonly chain: ChainKey;
  readonly balanceWei: bigint;
  /** How many transactions it can pay for at the price of the latest. */
  readonly transactionsLeft: number;
}

export interface ChainHealth {
  readonly chain: ChainKey;
  /** `undefined` when healthy. */
  readonly error: string | undefined;
}

/** What the aggregator worker serves: everything that reads or writes a chain outside trigger streams. */
export interface AggregatorApi {
  /** The manager's current service URI (spec/wire.md 4.4). */
  serviceUri(manager: ServiceManager): string;
  validate(request: ValidateRequest): QuorumOutcome;
  /** What a signing key weighs now, in the manager's own units; zero when it belongs to no operator (spec/wire.md 4.1). */
  signerWeight(request: SignerWeightRequest): bigint;
  /** Sends and waits for the receipt. Calls of one chain run side by side, with nonces in order. */
  submit(request: SubmitRequest): SubmitOutcome;
  announced(announcement: LandingAnnouncement): void;
  /** @throws WavsError what the chain's endpoint fails with */
  standing(request: StandingRequest): Standing;
  /** What pays on the chains that something was submitted to; a chain that does not answer is left out. */
  accounts(argument: undefined): readonly PayingAccount[];
  /** The checks of spec/wire.md 6.6, now. */
  chainHealth(argument: undefined): readonly ChainHealth[];
  /** Resolves once this revision of the registry (its chains) is in use. */
  settled(revision: number): void;
}

/** What main serves to the aggregator worker. */
export interface AggregatorMain {
  registry(argument: undefined): RegistrySnapshot;
  transactionAddress(argument: undefined): EvmAddress | undefined;
  signTransaction(transaction: UnsignedTransaction): SignedTransaction;
  /** Commits the row; only then may the transaction be broadcast. */
  recordTransaction(row: TransactionRow): void;
  /** The highest nonce ever recorded for this key on this chain. */
  lastNonce(key: { readonly chain: ChainKey; readonly from: EvmAddress }): number | undefined;
}
