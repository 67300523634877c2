import type { SubmitOutcome, TransactionRow } from "@/domain/mod.ts";
import { MAX_REVERTED_TRANSACTIONS } from "../limits.ts";
import type { EvmSubmission } from "../types.ts";
import { type Broadcast, broadcast } from "./broadcast.ts";
import { conclude, landedBefore, landedBy } from "./conclusion.ts";
import { broadcastRefused, insufficientFunds, transactionReverted } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { isCancellation } from "./replacement.ts";
import { readNonceCount, readReceipt, readTransaction } from "./rpc.ts";
import { isHandled } from "./simulation.ts";

/** What became of the transactions recorded before: the outcome, or that a new transaction is free to be made. */
export type Earlier =
  | { readonly kind: "done"; readonly outcome: SubmitOutcome }
  /** `nonce` is held: a transaction with it was recorded but is not taken as it is, the new one must replace it. */
  | { readonly kind: "open"; readonly nonce: number | undefined };

/**
 * Follows up on every transaction an action has made before. A new one is made only when none of them can land any
 * more, so that an action never has two transactions alive.
 *
 * @throws WavsError like `Submitter.submit`
 */
export async function settleEarlier(lane: Lane, submission: EvmSubmission): Promise<Earlier> {
  const rows = submission.earlier.filter(({ chain }) => chain === lane.chain);
  const looks = await Promise.all(rows.map(async (row) => ({ row, receipt: await readReceipt(lane.rpc, row.hash) })));
  const receipts = looks.flatMap(({ row, receipt }) => receipt === undefined || isCancellation(row) ? [] : [receipt]);
  const landed = receipts.find(({ succeeded }) => succeeded);
  if (landed !== undefined) return { kind: "done", outcome: landedBy(landed) };
  const latestReverted = receipts.at(-1);
  if (latestReverted !== undefined && receipts.length >= MAX_REVERTED_TRANSACTIONS) {
    throw transactionReverted(lane, latestReverted.hash, false);
  }
  const byNonce = Map.groupBy(looks, ({ row }) => `${row.from} ${row.nonce}`);
  for (const [first, ...others] of byNonce.values()) {
    if (first === undefined || [first, ...others].some(({ receipt }) => receipt !== undefined)) continue;
    const settled = await settleNonce(lane, submission, [first.row, ...others.map(({ row }) => row)]);
    if (settled !== undefined) return settled;
  }
  return { kind: "open", nonce: undefined };
}

/** Sends the last of the transactions with one nonce again; `undefined` when none of them can ever land. */
async function settleNonce(
  lane: Lane,
  submission: EvmSubmission,
  sent: readonly [TransactionRow, ...TransactionRow[]],
): Promise<Earlier | undefined> {
  const row = sent.at(-1) ?? sent[0];
  const isOwn = row.from === lane.account.address;
  // Held by another action: it was refused then and its nonce handed on.
  if (isOwn && !lane.nonces.hold(row.nonce)) return undefined;
  let fate: Broadcast | "handled";
  try {
    fate = await sendAgain(lane, submission, row);
  } catch (error) {
    lane.nonces.release(row.nonce);
    throw error;
  }
  if (fate === "handled") {
    if (isOwn) lane.nonces.giveBack(row.nonce);
    return { kind: "done", outcome: await landedBefore(lane, submission, 0n) };
  }
  if (fate.kind === "refused" && fate.refusal !== "nonce_used" && fate.refusal !== "nonce_taken") {
    if (fate.refusal === "underpriced" && isOwn) return { kind: "open", nonce: row.nonce };
    lane.nonces.giveBack(row.nonce);
    throw fate.refusal === "insufficient_funds"
      ? await insufficientFunds(lane, undefined)
      : broadcastRefused(lane, fate.error);
  }
  const outcome = await conclude(lane, submission, sent);
  return outcome === undefined ? undefined : { kind: "done", outcome };
}

/** One that never reached the chain is not sent any more when somebody else has brought its event meanwhile. */
async function sendAgain(lane: Lane, submission: EvmSubmission, row: TransactionRow): Promise<Broadcast | "handled"> {
  const { rpc, context } = lane;
  if (row.nonce < await readNonceCount(rpc, row.from, "latest")) return { kind: "sent" };
  const { handler, envelope: { eventId } } = submission;
  const isSent = await readTransaction(rpc, row.hash) !== undefined;
  if (!isSent && await isHandled(rpc, handler, eventId)) return "handled";
  return await broadcast(rpc, row.raw, context);
}
