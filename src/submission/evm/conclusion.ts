import type { SubmitOutcome } from "@/domain/mod.ts";
import type { EvmSubmission } from "../types.ts";
import { receiptTimeout, submissionStopped, transactionReverted } from "./errors.ts";
import type { Lane } from "./lane.ts";
import type { SentTransaction } from "./receipts.ts";
import type { Receipt } from "./rpc.ts";
import { simulate } from "./simulation.ts";

/**
 * Waits until it is known what became of a transaction, then lets go of its nonce.
 *
 * @returns `undefined` when another transaction has used its nonce: it can never land
 * @throws WavsError `receipt_timeout`, `transaction_reverted`, `submission_stopped`
 */
export async function conclude(
  lane: Lane,
  submission: EvmSubmission,
  transaction: SentTransaction,
): Promise<SubmitOutcome | undefined> {
  const mined = await lane.receipts.wait(transaction);
  if (transaction.from === lane.account.address) lane.nonces.release(transaction.nonce);
  switch (mined.kind) {
    case "mined":
      return await judge(lane, submission, mined.receipt);
    case "replaced":
      return undefined;
    case "timed_out":
      throw receiptTimeout(lane, transaction.hash);
    case "stopped":
      throw submissionStopped(lane);
  }
}

/** A transaction that reverted may have lost a race: then the event is handled, by another operator's transaction. */
export async function judge(lane: Lane, submission: EvmSubmission, receipt: Receipt): Promise<SubmitOutcome> {
  const { hash: txHash, blockNumber, gasUsed } = receipt;
  if (receipt.succeeded) return { kind: "landed", txHash, blockNumber, gasUsed };
  const simulation = await simulate(lane.rpc, submission, lane.account.address);
  if (simulation.kind === "handled") return { kind: "landed_before" };
  throw transactionReverted(lane, txHash, true);
}
