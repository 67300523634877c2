import type { SubmitOutcome, TransactionRow } from "@/domain/mod.ts";
import { MAX_TRANSACTIONS_PER_SUBMISSION } from "../limits.ts";
import type { EvmSubmission } from "../types.ts";
import { broadcast } from "./broadcast.ts";
import { conclude, judge, landedBefore } from "./conclusion.ts";
import { settleEarlier } from "./earlier.ts";
import { broadcastRefused, insufficientFunds, transactionReplaced } from "./errors.ts";
import { type Fees, highestPrice, readFees } from "./fees.ts";
import type { Lane } from "./lane.ts";
import { readNonceCount, readReceipt } from "./rpc.ts";
import { recordSigned } from "./signing.ts";
import { simulate } from "./simulation.ts";

/** A transaction that was tried: it has an outcome, or the next one is to be made, with this nonce if one is given. */
type Attempt =
  | { readonly kind: "done"; readonly outcome: SubmitOutcome }
  | { readonly kind: "again"; readonly nonce: number | undefined; readonly reason: unknown };

interface Plan {
  readonly gas: bigint;
  readonly fees: Fees;
}

/** Brings one envelope to its handler (spec/wire.md 3.6). @throws WavsError like `Submitter.submit` */
export async function deliver(lane: Lane, submission: EvmSubmission): Promise<SubmitOutcome> {
  const earlier = await settleEarlier(lane, submission);
  if (earlier.kind === "done") return earlier.outcome;
  if (earlier.nonce === undefined) {
    const { handler, envelope: { eventId }, turn } = submission;
    const landing = await lane.sightings.awaitTurn({ handler, eventId }, turn);
    if (landing !== undefined) return { kind: "landed_before", landing, gasLost: 0n };
  }
  let nonce = earlier.nonce;
  let reason: unknown;
  for (let made = 0; made < MAX_TRANSACTIONS_PER_SUBMISSION; made++) {
    const attempt = await attemptDelivery(lane, submission, nonce);
    if (attempt.kind === "done") return attempt.outcome;
    ({ nonce, reason } = attempt);
  }
  if (nonce !== undefined) lane.nonces.giveBack(nonce);
  throw reason;
}

/** Makes one transaction, with the held `nonce` if one is given, and follows it to its end. */
async function attemptDelivery(lane: Lane, submission: EvmSubmission, nonce: number | undefined): Promise<Attempt> {
  let held = nonce;
  let plan: Plan;
  let row: TransactionRow;
  try {
    const [simulation, fees] = await Promise.all([
      simulate(lane.rpc, submission, lane.account.address),
      readFees(lane.rpc, submission.gasPrice),
    ]);
    if (simulation.kind === "handled") {
      if (held !== undefined) lane.nonces.giveBack(held);
      return { kind: "done", outcome: await landedBefore(lane, submission, 0n) };
    }
    const { data, gas } = simulation;
    plan = { gas, fees };
    lane.latestCostWei = gas * highestPrice(fees);
    held ??= lane.nonces.take();
    const { chainId } = lane;
    const transaction = { chainId, nonce: held, to: submission.handler, data, gas, fees };
    row = await recordSigned(lane, submission.actionId, transaction);
  } catch (error) {
    if (held !== undefined) lane.nonces.giveBack(held);
    throw error;
  }
  return await send(lane, submission, { row, plan });
}

interface PreparedTransaction {
  readonly row: TransactionRow;
  readonly plan: Plan;
}

async function send(lane: Lane, submission: EvmSubmission, prepared: PreparedTransaction): Promise<Attempt> {
  const { row, plan } = prepared;
  const { nonce } = row;
  const result = await broadcast(lane.rpc, row.raw, lane.context).catch((error: unknown) => {
    // Whether it arrived is unknown: nobody else gets the nonce, the next try sends the same bytes.
    lane.nonces.release(nonce);
    throw error;
  });
  if (result.kind === "sent") return await follow(lane, submission, row);
  const refused = broadcastRefused(lane, result.error);
  switch (result.refusal) {
    case "nonce_used":
    case "nonce_taken":
      return await yieldNonce(lane, submission, row, refused);
    case "underpriced":
      if (submission.gasPrice === undefined) return { kind: "again", nonce, reason: refused };
      lane.nonces.giveBack(nonce);
      throw refused;
    case "insufficient_funds":
      lane.nonces.giveBack(nonce);
      throw await insufficientFunds(lane, plan.gas * highestPrice(plan.fees));
    case "other":
      lane.nonces.giveBack(nonce);
      throw refused;
  }
}

async function follow(lane: Lane, submission: EvmSubmission, row: TransactionRow): Promise<Attempt> {
  const outcome = await conclude(lane, submission, [row]);
  if (outcome !== undefined) return { kind: "done", outcome };
  return { kind: "again", nonce: undefined, reason: transactionReplaced(lane, row.hash) };
}

/** Somebody else sends from the same account, or the first answer to this very transaction got lost. */
async function yieldNonce(
  lane: Lane,
  submission: EvmSubmission,
  { hash, nonce }: TransactionRow,
  reason: unknown,
): Promise<Attempt> {
  lane.nonces.release(nonce);
  const receipt = await readReceipt(lane.rpc, hash);
  if (receipt !== undefined) return { kind: "done", outcome: await judge(lane, submission, receipt) };
  lane.nonces.observe(await readNonceCount(lane.rpc, lane.account.address, "pending"));
  return { kind: "again", nonce: undefined, reason };
}
