import type { SignedTransaction, SubmitOutcome } from "@/domain/mod.ts";
import { MAX_TRANSACTIONS_PER_SUBMISSION } from "../limits.ts";
import type { EvmSubmission } from "../types.ts";
import { broadcast } from "./broadcast.ts";
import { conclude, judge } from "./conclusion.ts";
import { settleEarlier } from "./earlier.ts";
import { broadcastRefused, insufficientFunds, transactionReplaced } from "./errors.ts";
import { type Fees, highestPrice, readFees } from "./fees.ts";
import type { Lane } from "./lane.ts";
import { readNonceCount, readReceipt } from "./rpc.ts";
import { simulate } from "./simulation.ts";

/** A transaction that was tried: it has an outcome, or the next one is to be made, with this nonce if one is given. */
type Attempt =
  | { readonly kind: "done"; readonly outcome: SubmitOutcome }
  | { readonly kind: "again"; readonly nonce: number | undefined; readonly reason: unknown };

interface Plan {
  readonly data: `0x${string}`;
  readonly gas: bigint;
  readonly fees: Fees;
}

/** Brings one envelope to its handler (spec/wire.md 3.6). @throws WavsError like `Submitter.submit` */
export async function deliver(lane: Lane, submission: EvmSubmission): Promise<SubmitOutcome> {
  const earlier = await settleEarlier(lane, submission);
  if (earlier.kind === "done") return earlier.outcome;
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
  let signed: SignedTransaction;
  try {
    const [simulation, fees] = await Promise.all([
      simulate(lane.rpc, submission, lane.account.address),
      readFees(lane.rpc, submission.gasPrice),
    ]);
    if (simulation.kind === "handled") {
      if (held !== undefined) lane.nonces.giveBack(held);
      return { kind: "done", outcome: { kind: "landed_before" } };
    }
    plan = { ...simulation, fees };
    held ??= lane.nonces.take();
    signed = await signAndRecord(lane, submission, plan, held);
  } catch (error) {
    if (held !== undefined) lane.nonces.giveBack(held);
    throw error;
  }
  return await send(lane, submission, { signed, plan, nonce: held });
}

async function signAndRecord(
  lane: Lane,
  submission: EvmSubmission,
  plan: Plan,
  nonce: number,
): Promise<SignedTransaction> {
  const { account, chain, chainId } = lane;
  const { data, gas, fees } = plan;
  const signed = await account.sign({ chainId, nonce, to: submission.handler, data, gas, fees });
  const { from, hash, raw } = signed;
  await account.record({ actionId: submission.actionId, chain, from, nonce, hash, raw });
  return signed;
}

interface PreparedTransaction {
  readonly signed: SignedTransaction;
  readonly plan: Plan;
  readonly nonce: number;
}

async function send(lane: Lane, submission: EvmSubmission, prepared: PreparedTransaction): Promise<Attempt> {
  const { signed, plan, nonce } = prepared;
  const result = await broadcast(lane.rpc, signed.raw, lane.context).catch((error: unknown) => {
    // Whether it arrived is unknown: nobody else gets the nonce, the next try sends the same bytes.
    lane.nonces.release(nonce);
    throw error;
  });
  if (result.kind === "sent") return await follow(lane, submission, prepared);
  const refused = broadcastRefused(lane, result.error);
  switch (result.refusal) {
    case "nonce_used":
    case "nonce_taken":
      return await yieldNonce(lane, submission, prepared, refused);
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

async function follow(lane: Lane, submission: EvmSubmission, { signed, nonce }: PreparedTransaction): Promise<Attempt> {
  const outcome = await conclude(lane, submission, { hash: signed.hash, from: signed.from, nonce });
  if (outcome !== undefined) return { kind: "done", outcome };
  return { kind: "again", nonce: undefined, reason: transactionReplaced(lane, signed.hash) };
}

/** Somebody else sends from the same account, or the first answer to this very transaction got lost. */
async function yieldNonce(
  lane: Lane,
  submission: EvmSubmission,
  { signed, nonce }: PreparedTransaction,
  reason: unknown,
): Promise<Attempt> {
  lane.nonces.release(nonce);
  const receipt = await readReceipt(lane.rpc, signed.hash);
  if (receipt !== undefined) return { kind: "done", outcome: await judge(lane, submission, receipt) };
  lane.nonces.observe(await readNonceCount(lane.rpc, lane.account.address, "pending"));
  return { kind: "again", nonce: undefined, reason };
}
