import type { Bytes32, ChainKey, EvmAddress, Hex } from "./ids.ts";

/** An EVM transaction before it is signed; fees are in wei. */
export interface UnsignedTransaction {
  readonly chainId: number;
  readonly nonce: number;
  readonly to: EvmAddress;
  readonly data: Hex;
  readonly gas: bigint;
  readonly fees:
    | { readonly kind: "legacy"; readonly gasPrice: bigint }
    | { readonly kind: "eip1559"; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };
}

export interface SignedTransaction {
  readonly from: EvmAddress;
  readonly raw: Hex;
  readonly hash: Bytes32;
}

/** A row of the journal: written before its transaction is broadcast, so that a crash never sends a second one. */
export interface TransactionRow {
  /** The action this transaction carries out. */
  readonly actionId: number;
  readonly chain: ChainKey;
  readonly from: EvmAddress;
  readonly nonce: number;
  readonly hash: Bytes32;
  readonly raw: Hex;
}

/** Where a transaction took effect. */
export interface Landing {
  readonly txHash: Bytes32;
  readonly blockNumber: bigint;
  readonly blockHash: Bytes32;
}

/** When it is an operator's turn to bring an event on chain. */
export interface Turn {
  /** The operators that go before it, by their signing keys. */
  readonly before: readonly EvmAddress[];
  /** How long each of them is given, in milliseconds. */
  readonly delayMs: number;
}

/**
 * How a submission ended: by a transaction of this node, or by somebody else's, which the handler or a block told. Of the
 * latter the transaction is not always known. Everything else that fails is thrown.
 */
export type SubmitOutcome =
  | { readonly kind: "landed"; readonly landing: Landing; readonly gasUsed: bigint }
  | {
    readonly kind: "landed_before";
    readonly landing: Landing | undefined;
    /** What an own transaction that came too late has used, in gas. */
    readonly gasLost: bigint;
  };
