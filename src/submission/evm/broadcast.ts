import { isEndpointFailure, type RpcRequester } from "@/chains/mod.ts";
import { backoffMs, type Context } from "@/context/mod.ts";
import { type Hex, isWavsError, type WavsError } from "@/domain/mod.ts";
import { BROADCAST_BACKOFF, MAX_BROADCAST_ATTEMPTS } from "../limits.ts";
import { classifyRefusal, type Refusal } from "./refusals.ts";
import { sendRaw } from "./rpc.ts";

/** `refused` carries the endpoint's own error. */
export type Broadcast =
  | { readonly kind: "sent" }
  | { readonly kind: "refused"; readonly refusal: Exclude<Refusal, "known">; readonly error: WavsError };

/**
 * Hands a signed transaction to the chain, again while no endpoint answers (spec/wire.md 3.6).
 *
 * @throws WavsError what the last attempt failed with; whether the transaction arrived is unknown then
 */
export async function broadcast(rpc: RpcRequester, raw: Hex, context: Context): Promise<Broadcast> {
  for (let attempt = 1;; attempt++) {
    try {
      await sendRaw(rpc, raw);
      return { kind: "sent" };
    } catch (error) {
      if (isWavsError(error, "rpc_error")) return readRefusal(error);
      if (!isEndpointFailure(error) || attempt >= MAX_BROADCAST_ATTEMPTS) throw error;
    }
    await context.clock.sleep(backoffMs(BROADCAST_BACKOFF, attempt, context.random), context.signal);
  }
}

function readRefusal(error: WavsError): Broadcast {
  const refusal = classifyRefusal(String(error.meta.rpcMessage));
  return refusal === "known" ? { kind: "sent" } : { kind: "refused", refusal, error };
}
