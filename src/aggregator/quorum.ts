import {
  decodeValidateRevert,
  type Envelope,
  type EvmAddress,
  type Hex,
  recoverEnvelopeSigner,
  type SignedBy,
  WavsError,
  type WavsSignature,
} from "@/domain/mod.ts";
import type { QuorumOutcome } from "./types.ts";

/**
 * Who signed the envelope, once each: of two signatures of one signer the later counts (spec/wire.md 3.5).
 *
 * @throws WavsError `invalid_signature`
 */
export function signersOf(envelope: Envelope, signatures: readonly WavsSignature[]): SignedBy[] {
  const bySigner = new Map<EvmAddress, SignedBy>();
  for (const signature of signatures) {
    const signer = recoverEnvelopeSigner(envelope, signature);
    bySigner.set(signer, { signer, signature: signature.data });
  }
  return [...bySigner.values()];
}

/**
 * What the revert of `validate` means (spec/wire.md 3.6).
 *
 * @throws WavsError `validation_rejected` when more signatures would not help
 */
export function outcomeOfRevert(data: Hex, manager: EvmAddress): QuorumOutcome {
  const revert = decodeValidateRevert(data);
  switch (revert.kind) {
    case "insufficient_quorum": {
      const { signerWeight, thresholdWeight, totalWeight } = revert;
      return { kind: "insufficient", signerWeight, thresholdWeight, totalWeight };
    }
    case "signer_not_registered":
      return { kind: "signer_not_registered" };
    case "rejected":
      return outcomeOfRejection(revert.error, manager);
    case "unknown":
      throw validationRejected(manager, revert.data, false);
  }
}

function outcomeOfRejection(error: string, manager: EvmAddress): QuorumOutcome {
  if (error === "InsufficientQuorumZero") {
    return { kind: "insufficient", signerWeight: 0n, thresholdWeight: 0n, totalWeight: 0n };
  }
  // The endpoint that judges is behind the one that named the latest block.
  throw validationRejected(manager, error, error === "InvalidSignatureBlock");
}

function validationRejected(manager: EvmAddress, reason: string, retryable: boolean): WavsError {
  return new WavsError("validation_rejected", {
    message: `Service manager "${manager}" rejects the signatures: "${reason}"`,
    retryable,
    meta: { manager, reason },
  });
}
