import { parseTransaction } from "viem";
import { describeError, type TransactionRow, type UnsignedTransaction } from "@/domain/mod.ts";
import { MAX_FEE_BUMPS, TRANSFER_GAS } from "../limits.ts";
import type { EvmSubmission } from "../types.ts";
import { broadcast } from "./broadcast.ts";
import { type Fees, raisedFees, readFees } from "./fees.ts";
import type { Lane } from "./lane.ts";
import { readNonceCount } from "./rpc.ts";
import { recordSigned } from "./signing.ts";
import { simulate } from "./simulation.ts";

/**
 * Replaces a transaction that waits too long by one that pays more: the same call, or nothing but the use of its nonce
 * when the event has been handled meanwhile and the call could only revert.
 *
 * Only the transaction that is next in line is replaced; those behind it wait for it, not for a better price.
 *
 * @param sent the transactions with one nonce so far, oldest first
 * @returns what was recorded, which may land even when its broadcast seems to have failed; `undefined` when nothing was
 */
export async function replace(
  lane: Lane,
  submission: EvmSubmission,
  sent: readonly [TransactionRow, ...TransactionRow[]],
): Promise<TransactionRow | undefined> {
  const { rpc, account, context, chain } = lane;
  const [{ from, nonce }] = sent;
  const latest = sent.at(-1) ?? sent[0];
  if (from !== account.address || sent.length > MAX_FEE_BUMPS) return undefined;
  let row: TransactionRow | undefined;
  try {
    if (await readNonceCount(rpc, from, "latest") !== nonce) return undefined;
    const fees = raisedFees(feesOf(latest), await readFees(rpc, undefined));
    row = await recordSigned(lane, submission.actionId, await successor(lane, submission, { nonce, fees }));
    context.log.info("Replacing a transaction that is not mined by one that pays more", {
      chain,
      nonce,
      replaced: latest.hash,
      hash: row.hash,
    });
    const result = await broadcast(rpc, row.raw, context);
    if (result.kind === "refused") throw result.error;
  } catch (error) {
    // The earlier one may still be mined: both are waited for, and the next try comes with the next timeout.
    const reason = describeError(error);
    context.log.warn("Cannot replace a transaction that is not mined", { chain, nonce, replaced: latest.hash, reason });
  }
  return row;
}

/** Whether a transaction only used up its nonce, in the place of one that was not needed any more. */
export function isCancellation({ raw, from }: TransactionRow): boolean {
  return parseTransaction(raw).to?.toLowerCase() === from;
}

async function successor(
  { rpc, account, chainId }: Lane,
  submission: EvmSubmission,
  { nonce, fees }: { readonly nonce: number; readonly fees: Fees },
): Promise<UnsignedTransaction> {
  const simulation = await simulate(rpc, submission, account.address);
  switch (simulation.kind) {
    case "ready": {
      const { data, gas } = simulation;
      return { chainId, nonce, to: submission.handler, data, gas, fees };
    }
    case "handled":
      return { chainId, nonce, to: account.address, data: "0x", gas: TRANSFER_GAS, fees };
  }
}

function feesOf({ raw }: TransactionRow): Fees {
  const { gasPrice, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw);
  return gasPrice === undefined
    ? { kind: "eip1559", maxFeePerGas, maxPriorityFeePerGas }
    : { kind: "legacy", gasPrice };
}
