import type { ChainKey } from "@/domain/ids.ts";

export interface RpcRequestOptions {
  /** Gives up on the request. */
  readonly signal?: AbortSignal;
  /** How long each endpoint may take; default `RPC_REQUEST_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * Something that answers JSON-RPC requests. Answers are whatever the other side sent: check their shape.
 *
 * Rejects with a WavsError: `rpc_error` when the endpoint refused (`meta.rpcCode`, `meta.rpcMessage` and, for reverted
 * calls, `meta.data` in hex); `rpc_unreachable`, `rpc_timeout`, `rpc_invalid_answer`, `rpc_answer_too_large` or
 * `rpc_overloaded` when no usable answer came; `rpc_aborted` when the caller gave up.
 */
export interface RpcRequester {
  request(method: string, params: readonly unknown[], options?: RpcRequestOptions): Promise<unknown>;
}

/** Requests to one chain, answered by whichever of its endpoints works. */
export interface EvmClient extends RpcRequester, AsyncDisposable {
  readonly chain: ChainKey;
}
