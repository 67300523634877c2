import type { RpcRequester } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import type {
  Bytes32,
  ChainKey,
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

/** What the aggregator needs of whoever sends transactions; the worker's entry file puts the real one in. */
export interface Submitter {
  submit(submission: {
    readonly actionId: number;
    readonly handler: EvmAddress;
    readonly envelope: Envelope;
    readonly signers: readonly SignedBy[];
    readonly gasPrice: bigint | undefined;
    readonly turn: Turn;
    readonly earlier: readonly TransactionRow[];
  }): Promise<SubmitOutcome>;
  announced(
    call: { readonly handler: EvmAddress; readonly eventId: EventId },
    txHash: Bytes32,
    operator: EvmAddress,
  ): void;
  account(): Promise<{ readonly balanceWei: bigint; readonly latestCostWei: bigint } | undefined>;
}

/** The account that pays, and the journal that remembers what it sent: both are main's. */
export interface SendingAccount {
  readonly address: EvmAddress;
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>;
  record(row: TransactionRow): Promise<void>;
  lastNonce(): Promise<number | undefined>;
}

/** Makes the submitter of one chain. */
export type CreateSubmitter = (
  options: { readonly chain: ChainKey; readonly chainId: number },
  modules: { readonly rpc: RpcRequester; readonly account: SendingAccount; readonly context: Context },
) => Submitter;
