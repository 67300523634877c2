import { callContract, readBlockNumber, readCode, revertDataOf, type RpcRequester } from "@/chains/mod.ts";
import {
  encodeValidate,
  type Envelope,
  type EvmAddress,
  signatureData,
  type SignedBy,
  WavsError,
} from "@/domain/mod.ts";
import { outcomeOfRevert } from "./quorum.ts";
import type { QuorumOutcome } from "./types.ts";

export interface Validation {
  readonly manager: EvmAddress;
  readonly envelope: Envelope;
  readonly signers: readonly SignedBy[];
}

/**
 * Asks a service manager whether the signatures suffice, judged by the block before the latest (spec/wire.md 3.6).
 *
 * @throws WavsError `no_reference_block` (retryable), `manager_missing`, `validation_rejected`, and what an unreachable
 * chain throws
 */
export async function validate(rpc: RpcRequester, validation: Validation): Promise<QuorumOutcome> {
  const { manager, envelope, signers } = validation;
  const [latest, code] = await Promise.all([readBlockNumber(rpc), readCode(rpc, manager)]);
  // A call to an address without code succeeds: it would pass for a quorum.
  if (code === "0x") throw managerMissing(manager);
  if (latest === 0n) throw noReferenceBlock(manager);
  const data = signatureData(signers, latest - 1n);
  try {
    await callContract(rpc, { to: manager, data: encodeValidate(envelope, data) });
  } catch (error) {
    const revert = revertDataOf(error);
    if (revert === undefined) throw error;
    return outcomeOfRevert(revert, manager);
  }
  return { kind: "reached", referenceBlock: data.referenceBlock };
}

export function managerMissing(manager: EvmAddress): WavsError {
  return new WavsError("manager_missing", {
    message: `Cannot ask service manager "${manager}" because there is no contract at this address`,
    retryable: false,
    meta: { manager },
  });
}

function noReferenceBlock(manager: EvmAddress): WavsError {
  return new WavsError("no_reference_block", {
    message: `Cannot ask service manager "${manager}" yet because its chain has only its first block`,
    retryable: true,
    meta: { manager },
  });
}
