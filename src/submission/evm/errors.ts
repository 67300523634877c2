import { type Bytes32, WavsError } from "@/domain/mod.ts";
import { RECEIPT_TIMEOUT_MS } from "../limits.ts";
import type { Lane } from "./lane.ts";
import { readBalance } from "./rpc.ts";

/** @param neededWei what the transaction may cost at most; unset when only its raw bytes are known */
export async function insufficientFunds(lane: Lane, neededWei: bigint | undefined): Promise<WavsError> {
  const { chain, account, rpc } = lane;
  const balanceWei = await readBalance(rpc, account.address);
  const need = neededWei === undefined ? "its transaction costs more" : `its transaction may cost ${neededWei} wei`;
  return new WavsError("insufficient_funds", {
    message: `Cannot submit on chain "${chain}" because account "${account.address}" has ${balanceWei} wei and ` +
      `${need}; send it more`,
    retryable: true,
    meta: { chain, address: account.address, balanceWei, ...(neededWei === undefined ? {} : { neededWei }) },
  });
}

export function broadcastRefused(lane: Lane, cause: WavsError): WavsError {
  return new WavsError("broadcast_refused", {
    message: `Cannot submit on chain "${lane.chain}" because its endpoint refuses the transaction: ` +
      `"${cause.meta.rpcMessage}"`,
    retryable: true,
    meta: { chain: lane.chain },
    cause,
  });
}

export function receiptTimeout(lane: Lane, hash: Bytes32): WavsError {
  return new WavsError("receipt_timeout", {
    message: `Transaction "${hash}" was not mined on chain "${lane.chain}" within ${RECEIPT_TIMEOUT_MS} ms`,
    retryable: true,
    meta: { chain: lane.chain, hash },
  });
}

export function transactionReplaced(lane: Lane, hash: Bytes32): WavsError {
  return new WavsError("transaction_replaced", {
    message: `Transaction "${hash}" cannot land on chain "${lane.chain}" because another transaction of account ` +
      `"${lane.account.address}" used its nonce`,
    retryable: true,
    meta: { chain: lane.chain, hash },
  });
}

/** @param retryable whether another transaction is worth its gas */
export function transactionReverted(lane: Lane, hash: Bytes32, retryable: boolean): WavsError {
  return new WavsError("transaction_reverted", {
    message: `Transaction "${hash}" was mined on chain "${lane.chain}" but reverted`,
    retryable,
    meta: { chain: lane.chain, hash },
  });
}

export function submissionStopped(lane: Lane): WavsError {
  return new WavsError("submission_stopped", {
    message: `Stopped waiting for a receipt on chain "${lane.chain}" because the node is shutting down`,
    retryable: true,
  });
}
