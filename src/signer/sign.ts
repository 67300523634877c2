import { keccak256, type TransactionSerializable } from "viem";
import { sign, signTransaction as signSerializable } from "viem/accounts";
import {
  type Bytes32,
  describeError,
  type SignedTransaction,
  type UnsignedTransaction,
  WavsError,
} from "@/domain/mod.ts";
import type { SigningKey } from "./keys.ts";

/** Deterministic (RFC 6979), low s; 65 bytes `r || s || v` with v = 27 or 28 (spec/wire.md 3.3). */
export function signHash(key: SigningKey, hash: Bytes32): Promise<Uint8Array> {
  return key.use((privateKey) => sign({ hash, privateKey, to: "bytes" }));
}

/** @throws WavsError `invalid_transaction` when a field is outside what a transaction can carry */
export async function signTransaction(key: SigningKey, transaction: UnsignedTransaction): Promise<SignedTransaction> {
  try {
    const serializable = serializableOf(transaction);
    const raw = await key.use((privateKey) => signSerializable({ privateKey, transaction: serializable }));
    return { from: key.address, raw, hash: keccak256(raw) as Bytes32 };
  } catch (error) {
    throw new WavsError("invalid_transaction", {
      message: `Cannot sign a transaction to "${transaction.to}" because of its fields: ${describeError(error)}`,
      retryable: false,
    });
  }
}

function serializableOf(transaction: UnsignedTransaction): TransactionSerializable {
  const { chainId, nonce, to, data, gas, fees } = transaction;
  const common = { chainId, nonce, to, data, gas, value: 0n };
  switch (fees.kind) {
    case "legacy":
      return { ...common, type: "legacy", gasPrice: fees.gasPrice };
    case "eip1559": {
      const { maxFeePerGas, maxPriorityFeePerGas } = fees;
      return { ...common, type: "eip1559", maxFeePerGas, maxPriorityFeePerGas };
    }
  }
}
