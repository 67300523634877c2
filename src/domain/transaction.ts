import type { Bytes32, EvmAddress, Hex } from "./ids.ts";

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
