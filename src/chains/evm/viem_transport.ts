import { custom, type CustomTransport, RpcRequestError } from "viem";
import { isWavsError } from "@/domain/errors.ts";
import type { RpcRequester } from "./types.ts";

/**
 * Lets viem's clients ask through `requester`: `createPublicClient({ transport: createViemTransport(client) })`.
 *
 * Refusals become viem's own `RpcRequestError`, with code and revert data, so that its error classes apply. viem does
 * not retry: failing over is the requester's business.
 */
export function createViemTransport(requester: RpcRequester): CustomTransport {
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    try {
      return await requester.request(method, Array.isArray(params) ? params : []);
    } catch (error) {
      throw toViemError(error, { method, params });
    }
  };
  return custom({ request }, { retryCount: 0 });
}

function toViemError(error: unknown, body: Record<string, unknown>): unknown {
  if (!isWavsError(error, "rpc_error")) return error;
  const { rpcCode, rpcMessage, data } = error.meta;
  return new RpcRequestError({
    body,
    // The endpoint may hold an access key; whoever logs this error must not see it.
    url: "the chain's endpoint",
    error: { code: Number(rpcCode), message: String(rpcMessage), ...(data === undefined ? {} : { data }) },
  });
}
