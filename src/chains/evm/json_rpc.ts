import type { WavsError } from "@/domain/errors.ts";
import { invalidAnswer, refused } from "./errors.ts";

/** What an endpoint may say. */
export type RpcMessage =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "refusal"; readonly id: number | undefined; readonly error: WavsError }
  | { readonly kind: "notification"; readonly subscription: string; readonly result: unknown };

/** The text of a request; the order of its members is that of the field's other nodes (spec/network.md 1.2). */
export function encodeRequest(id: number, method: string, params: readonly unknown[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/**
 * Reads one message of an endpoint.
 *
 * @throws WavsError `rpc_invalid_answer` for anything that is no JSON-RPC message
 */
export function decodeMessage(text: string): RpcMessage {
  const message = parseObject(text);
  if (message.method === "eth_subscription") return decodeNotification(message.params);
  const id = typeof message.id === "number" ? message.id : undefined;
  if (message.error !== undefined && message.error !== null) {
    return { kind: "refusal", id, error: refused(message.error) };
  }
  if (id === undefined || !("result" in message)) throw invalidAnswer("a JSON-RPC result or error", text);
  return { kind: "result", id, result: message.result };
}

function decodeNotification(params: unknown): RpcMessage {
  if (isRecord(params) && typeof params.subscription === "string") {
    return { kind: "notification", subscription: params.subscription, result: params.result };
  }
  throw invalidAnswer("the parameters of a subscription", params);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidAnswer("JSON", text);
  }
  if (!isRecord(value)) throw invalidAnswer("a JSON-RPC object", value);
  return value;
}

/** Whether `value` is an object with members to look at. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
