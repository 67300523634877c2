import type {
  Bytes32,
  Envelope,
  EventId,
  EvmAddress,
  SignedBy,
  SignedTransaction,
  SubmitOutcome,
  TransactionRow,
  Turn,
  UnsignedTransaction,
} from "@/domain/mod.ts";

/** What a submission achieves, whoever sends it. */
export interface HandlerCall {
  readonly handler: EvmAddress;
  readonly eventId: EventId;
}

/** One signed envelope on its way to a handler contract. */
export interface EvmSubmission {
  readonly actionId: number;
  readonly handler: EvmAddress;
  readonly envelope: Envelope;
  readonly signers: readonly SignedBy[];
  /** In wei; makes it a legacy transaction. Unset means EIP-1559 with the node's own advice (spec/wire.md 3.6). */
  readonly gasPrice: bigint | undefined;
  readonly turn: Turn;
  /** Transactions recorded for this action before: they are looked up, and sent again, before a new one is made. */
  readonly earlier: readonly TransactionRow[];
}

/** The account that pays, and the journal that remembers what it sent. */
export interface SendingAccount {
  readonly address: EvmAddress;
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>;
  /** Resolves once the row is committed; only then may its transaction be broadcast. */
  record(row: TransactionRow): Promise<void>;
  /** The highest nonce ever recorded for the account on this chain. */
  lastNonce(): Promise<number | undefined>;
}

/** What the account that pays has left, in wei. */
export interface AccountState {
  readonly balanceWei: bigint;
  /** What its latest transaction might have cost at most. */
  readonly latestCostWei: bigint;
}

/** Brings envelopes to the handlers of one chain. */
export interface Submitter {
  /**
   * Waits for others, sends and waits for the receipt; calls run side by side, and a second call for an action under way
   * joins it.
   *
   * @throws WavsError retryable: `insufficient_quorum` (weights in `meta`), `signer_not_registered`,
   * `reference_block_too_new`, `insufficient_funds`, `broadcast_refused`, `receipt_timeout`, `transaction_reverted`,
   * `transaction_replaced`, `submission_stopped` and what an unreachable chain throws; not retryable: `handler_missing`,
   * `handler_reverted`, `chain_id_mismatch`, `transaction_reverted` once it happened too often; `rpc_error` when the
   * chain refuses a request
   */
  submit(submission: EvmSubmission): Promise<SubmitOutcome>;

  /** Somebody, by his word that operator, sends this transaction. It counts once its receipt does. */
  announced(call: HandlerCall, txHash: Bytes32, operator: EvmAddress): void;

  /** `undefined` before the first transaction. @throws WavsError what the chain's endpoint fails with */
  account(): Promise<AccountState | undefined>;
}
