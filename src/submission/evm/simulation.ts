import { encodeFunctionData, parseAbi } from "viem";
import { callContract, readBlockNumber, readCode, revertDataOf, type RpcRequester } from "@/chains/mod.ts";
import {
  encodeHandleSignedEnvelope,
  type EventId,
  type EvmAddress,
  type Hex,
  signatureData,
  WavsError,
} from "@/domain/mod.ts";
import type { EvmSubmission } from "../types.ts";
import { gasLimit } from "./fees.ts";
import { explainRevert, revertError } from "./reverts.ts";
import { estimateGas } from "./rpc.ts";

/** What would happen now: the handler takes the envelope for that much gas, or has handled the event before. */
export type Simulation =
  | { readonly kind: "ready"; readonly data: Hex; readonly gas: bigint }
  | { readonly kind: "handled" };

/** A view that handlers which apply an event once tend to offer; ours do. */
const HANDLED_ABI = parseAbi(["function handled(bytes20 eventId) view returns (bool)"]);

/** `abi.encode(true)` */
const TRUE = `0x${"1".padStart(64, "0")}`;

/**
 * Tries a submission without sending it (spec/wire.md 3.6): signatures are judged by the block before the latest.
 *
 * @throws WavsError `handler_missing`, `reference_block_too_new`, and what {@link revertError} makes of a refusal
 */
export async function simulate(rpc: RpcRequester, submission: EvmSubmission, from: EvmAddress): Promise<Simulation> {
  const { handler, envelope, signers } = submission;
  const [latest, code] = await Promise.all([readBlockNumber(rpc), readCode(rpc, handler)]);
  if (code === "0x") throw handlerMissing(handler);
  if (latest === 0n) throw revertError({ kind: "reference_block_too_new" }, handler);
  const call = { from, to: handler, data: encodeHandleSignedEnvelope(envelope, signatureData(signers, latest - 1n)) };
  try {
    return { kind: "ready", data: call.data, gas: gasLimit(await estimateGas(rpc, call)) };
  } catch (error) {
    const revert = explainRevert(await revertData(rpc, call, error), envelope.eventId);
    // A handler that refuses for a reason of its own may do so because the event is handled.
    const isRepeated = revert.kind === "handled" ||
      (revert.kind === "other" && await isHandled(rpc, handler, envelope.eventId));
    if (isRepeated) return { kind: "handled" };
    throw revertError(revert, handler);
  }
}

/** Some nodes say why only when the call is made, not when its gas is estimated. */
async function revertData(
  rpc: RpcRequester,
  call: { readonly from: EvmAddress; readonly to: EvmAddress; readonly data: Hex },
  estimateError: unknown,
): Promise<Hex> {
  const data = revertDataOf(estimateError);
  if (data === undefined) throw estimateError;
  if (data !== "0x") return data;
  try {
    await callContract(rpc, call);
  } catch (error) {
    return revertDataOf(error) ?? data;
  }
  return data;
}

/** Whether a handler has handled an event; `false` when it cannot be asked. */
export async function isHandled(rpc: RpcRequester, handler: EvmAddress, eventId: EventId): Promise<boolean> {
  const data = encodeFunctionData({ abi: HANDLED_ABI, functionName: "handled", args: [eventId] });
  try {
    return await callContract(rpc, { to: handler, data }) === TRUE;
  } catch (error) {
    if (revertDataOf(error) !== undefined) return false;
    throw error;
  }
}

function handlerMissing(handler: EvmAddress): WavsError {
  return new WavsError("handler_missing", {
    message: `Cannot submit to handler "${handler}" because there is no contract at this address`,
    retryable: false,
    meta: { handler },
  });
}
