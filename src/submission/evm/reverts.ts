import { decodeErrorResult, type Hex, parseAbi } from "viem";
import { decodeValidateRevert, type EventId, WavsError } from "@/domain/mod.ts";
import { MAX_REASON_CHARS } from "../limits.ts";

/** Why a handler refuses an envelope (spec/wire.md 3.6). */
export type HandlerRevert =
  /** A result for the event has been applied before. */
  | { readonly kind: "handled" }
  | {
    readonly kind: "insufficient_quorum";
    readonly signerWeight: bigint;
    readonly thresholdWeight: bigint;
    readonly totalWeight: bigint;
  }
  | { readonly kind: "signer_not_registered" }
  /** The endpoint that judges is behind the one that named the latest block. */
  | { readonly kind: "reference_block_too_new" }
  | { readonly kind: "other"; readonly reason: string };

/** What handlers that apply an event once revert with the second time. */
const HANDLER_ERRORS = parseAbi(["error EventAlreadyHandled(bytes20 eventId)"]);

/** Reads the revert data of `handleSignedEnvelope`; it never throws. */
export function explainRevert(data: Hex, eventId: EventId): HandlerRevert {
  const revert = decodeValidateRevert(data);
  switch (revert.kind) {
    case "insufficient_quorum":
    case "signer_not_registered":
      return revert;
    case "rejected":
      return explainRejection(revert.error);
    case "unknown":
      return explainHandlerError(data, eventId);
  }
}

function explainRejection(error: string): HandlerRevert {
  if (error === "InvalidSignatureBlock") return { kind: "reference_block_too_new" };
  if (error === "InsufficientQuorumZero") {
    return { kind: "insufficient_quorum", signerWeight: 0n, thresholdWeight: 0n, totalWeight: 0n };
  }
  return { kind: "other", reason: error.slice(0, MAX_REASON_CHARS) };
}

function explainHandlerError(data: Hex, eventId: EventId): HandlerRevert {
  if (data === "0x") return { kind: "other", reason: "it gave no reason" };
  try {
    const { errorName, args } = decodeErrorResult({ abi: HANDLER_ERRORS, data });
    if (args[0].toLowerCase() === eventId) return { kind: "handled" };
    return { kind: "other", reason: `${errorName}(${args[0]})` };
  } catch {
    // An error of the handler's own: its bytes are all there is to show.
    return { kind: "other", reason: data.slice(0, MAX_REASON_CHARS) };
  }
}

/** The error a refused submission fails with. */
export function revertError(
  revert: Exclude<HandlerRevert, { kind: "handled" }>,
  handler: string,
): WavsError {
  switch (revert.kind) {
    case "insufficient_quorum": {
      const { signerWeight, thresholdWeight, totalWeight } = revert;
      return new WavsError("insufficient_quorum", {
        message: `Cannot submit to handler "${handler}" yet because the signers weigh ${signerWeight} and the quorum ` +
          `asks for ${thresholdWeight}`,
        retryable: true,
        meta: { handler, signerWeight, thresholdWeight, totalWeight },
      });
    }
    case "signer_not_registered":
      return new WavsError("signer_not_registered", {
        message: `Cannot submit to handler "${handler}" because a signer is no registered operator of its service`,
        retryable: true,
        meta: { handler },
      });
    case "reference_block_too_new":
      return new WavsError("reference_block_too_new", {
        message: `Cannot submit to handler "${handler}" yet because its chain has not reached the reference block`,
        retryable: true,
        meta: { handler },
      });
    case "other":
      return new WavsError("handler_reverted", {
        message: `Handler "${handler}" refuses the envelope: "${revert.reason}"`,
        retryable: false,
        meta: { handler, reason: revert.reason },
      });
  }
}
