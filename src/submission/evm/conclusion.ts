import { describeError, type SubmitOutcome, type TransactionRow } from "@/domain/mod.ts";
import { FEE_BUMP_AFTER_MS, RECEIPT_TIMEOUT_MS } from "../limits.ts";
import type { EvmSubmission } from "../types.ts";
import { receiptTimeout, submissionStopped, transactionReverted } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { isCancellation, replace } from "./replacement.ts";
import type { Receipt } from "./rpc.ts";
import { simulate } from "./simulation.ts";

/**
 * Waits until it is known what became of the transactions sent with one nonce, replacing the last by one that pays more
 * when none is mined in time, then lets go of the nonce.
 *
 * @param sent oldest first
 * @returns `undefined` when another transaction has used the nonce: none of these can land
 * @throws WavsError `receipt_timeout`, `transaction_reverted`, `submission_stopped`
 */
export async function conclude(
  lane: Lane,
  submission: EvmSubmission,
  sent: readonly [TransactionRow, ...TransactionRow[]],
): Promise<SubmitOutcome | undefined> {
  const [{ from, nonce }] = sent;
  try {
    return await pursue(lane, submission, [...sent]);
  } finally {
    if (from === lane.account.address) lane.nonces.release(nonce);
  }
}

async function pursue(
  lane: Lane,
  submission: EvmSubmission,
  sent: [TransactionRow, ...TransactionRow[]],
): Promise<SubmitOutcome | undefined> {
  const [{ from, nonce, hash }] = sent;
  const { clock } = lane.context;
  const deadlineMs = clock.monotonic() + RECEIPT_TIMEOUT_MS;
  for (;;) {
    const leftMs = deadlineMs - clock.monotonic();
    if (leftMs <= 0) throw receiptTimeout(lane, hash);
    const hashes = sent.map((row) => row.hash);
    const mined = await lane.receipts.wait({ from, nonce, hashes }, Math.min(FEE_BUMP_AFTER_MS, leftMs));
    switch (mined.kind) {
      case "mined":
        return await judgeMined(lane, submission, sent, mined.receipt);
      case "replaced":
        return undefined;
      case "stopped":
        throw submissionStopped(lane);
      case "timed_out": {
        const replacement = await replace(lane, submission, sent);
        if (replacement !== undefined) sent.push(replacement);
      }
    }
  }
}

async function judgeMined(
  lane: Lane,
  submission: EvmSubmission,
  sent: readonly TransactionRow[],
  receipt: Receipt,
): Promise<SubmitOutcome | undefined> {
  const row = sent.find(({ hash }) => hash === receipt.hash);
  return row !== undefined && isCancellation(row) ? undefined : await judge(lane, submission, receipt);
}

/** A transaction that reverted may have lost a race: then the event is handled, by another operator's transaction. */
export async function judge(lane: Lane, submission: EvmSubmission, receipt: Receipt): Promise<SubmitOutcome> {
  if (receipt.succeeded) return landedBy(receipt);
  const simulation = await simulate(lane.rpc, submission, lane.account.address);
  if (simulation.kind === "handled") return await landedBefore(lane, submission, receipt.gasUsed);
  throw transactionReverted(lane, receipt.hash, true);
}

export function landedBy({ hash: txHash, blockNumber, blockHash, gasUsed }: Receipt): SubmitOutcome {
  return { kind: "landed", landing: { txHash, blockNumber, blockHash }, gasUsed };
}

/** The handler has handled the event: by whose transaction is told if it can be found. */
export async function landedBefore(
  { sightings, context, chain }: Lane,
  { handler, envelope: { eventId } }: EvmSubmission,
  gasLost: bigint,
): Promise<SubmitOutcome> {
  try {
    return { kind: "landed_before", landing: await sightings.find({ handler, eventId }), gasLost };
  } catch (error) {
    context.log.warn("Cannot look for the transaction that handled an event", {
      chain,
      event_id: eventId,
      reason: describeError(error),
    });
    return { kind: "landed_before", landing: undefined, gasLost };
  }
}
