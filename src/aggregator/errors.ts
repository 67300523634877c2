import { type ChainKey, WavsError } from "@/domain/mod.ts";

export function chainUnknown(chain: ChainKey): WavsError {
  return new WavsError("chain_unknown", {
    message: `Cannot use chain "${chain}" because it is not configured`,
    retryable: false,
    meta: { chain },
  });
}

export function chainKindUnsupported(chain: ChainKey): WavsError {
  return new WavsError("chain_kind_unsupported", {
    message: `Cannot use chain "${chain}" because this node submits to EVM chains only`,
    retryable: false,
    meta: { chain },
  });
}

/** What a chain refuses to answer now (a lagging or pruned endpoint) it may answer later. */
export function asPassing(error: unknown): unknown {
  if (!(error instanceof WavsError) || error.code !== "rpc_error" || error.retryable) return error;
  return new WavsError("chain_refused", { message: error.message, retryable: true, meta: error.meta, cause: error });
}
