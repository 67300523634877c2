import type { TransactionRow, UnsignedTransaction } from "@/domain/mod.ts";
import type { Lane } from "./lane.ts";

/** Signs a transaction and records it: only what is on record may be broadcast. */
export async function recordSigned(
  { account, chain }: Lane,
  actionId: number,
  transaction: UnsignedTransaction,
): Promise<TransactionRow> {
  const { from, hash, raw } = await account.sign(transaction);
  const row = { actionId, chain, from, nonce: transaction.nonce, hash, raw };
  await account.record(row);
  return row;
}
