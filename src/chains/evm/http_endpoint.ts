import type { Context } from "@/context/mod.ts";
import { describeError, WavsError } from "@/domain/errors.ts";
import { MAX_RPC_ANSWER_BYTES, RPC_REQUEST_TIMEOUT_MS } from "../limits.ts";
import { withDeadline } from "./deadline.ts";
import { aborted, answerTooLarge, invalidAnswer, timedOut, unreachable } from "./errors.ts";
import { decodeMessage, encodeRequest } from "./json_rpc.ts";
import type { RpcRequester, RpcRequestOptions } from "./types.ts";

/** Requests over HTTP, one POST each; connections are pooled by the platform. */
export function createHttpEndpoint(url: string, context: Context): RpcRequester {
  const request = (method: string, params: readonly unknown[], options: RpcRequestOptions = {}) => {
    const timeoutMs = options.timeoutMs ?? RPC_REQUEST_TIMEOUT_MS;
    return withDeadline({
      clock: context.clock,
      timeoutMs,
      signal: options.signal,
      onTimeout: () => timedOut(url, method, timeoutMs),
      onAbort: () => aborted(method),
    }, (signal) => post(url, encodeRequest(1, method, params), signal));
  };
  return { request };
}

async function post(url: string, body: string, signal: AbortSignal): Promise<unknown> {
  const { status, text } = await exchange(url, body, signal);
  const message = decodeAnswer(url, status, text);
  switch (message.kind) {
    case "result":
      return message.result;
    case "refusal":
      throw message.error;
    case "notification":
      throw invalidAnswer("a JSON-RPC result or error", text);
  }
}

async function exchange(url: string, body: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
    return { status: response.status, text: await readBounded(url, response) };
  } catch (cause) {
    throw cause instanceof WavsError ? cause : unreachable(url, describeError(cause), cause);
  }
}

/** Nodes answer refusals with status 200 or with an error status and a JSON-RPC body; a gateway's own page is neither. */
function decodeAnswer(url: string, status: number, text: string): ReturnType<typeof decodeMessage> {
  const isOverloaded = status === 429 || status >= 500;
  try {
    const message = decodeMessage(text);
    if (!isOverloaded || message.kind === "refusal" && status !== 429) return message;
  } catch (error) {
    if (status === 200) throw error;
  }
  throw unreachable(url, `it answered with status ${status}`);
}

async function readBounded(url: string, response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the rest of the body.
    if (bytes > MAX_RPC_ANSWER_BYTES) throw answerTooLarge(url, MAX_RPC_ANSWER_BYTES);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
