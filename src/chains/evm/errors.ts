import { type ErrorMeta, WavsError } from "@/domain/errors.ts";
import { MAX_RPC_ERROR_CHARS, MAX_RPC_ERROR_DATA_CHARS } from "../limits.ts";

/** Refusals that say "not now": limit exceeded, resource unavailable, internal error. */
const PASSING_RPC_CODES: ReadonlySet<number> = new Set([-32_005, -32_002, -32_603]);

const HEX = /^0x[0-9a-fA-F]*$/;

/** The codes of an endpoint that did not do its part; another one may. */
const ENDPOINT_FAILURES: ReadonlySet<string> = new Set([
  "rpc_unreachable",
  "rpc_timeout",
  "rpc_invalid_answer",
  "rpc_overloaded",
]);

/** Whether another endpoint should be asked the same thing. */
export function isEndpointFailure(error: unknown): error is WavsError {
  return error instanceof WavsError && ENDPOINT_FAILURES.has(error.code);
}

/** How an endpoint is called in messages and logs: without path, query and credentials, which may hold access keys. */
export function endpointLabel(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return "invalid URL";
  return `${parsed.protocol}//${parsed.host}${parsed.pathname === "/" && parsed.search === "" ? "" : "/…"}`;
}

export function unreachable(url: string, reason: string, cause?: unknown): WavsError {
  return new WavsError("rpc_unreachable", {
    message: `Cannot reach "${endpointLabel(url)}" because ${reason}`,
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function timedOut(url: string, what: string, timeoutMs: number): WavsError {
  return new WavsError("rpc_timeout", {
    message: `No answer to "${what}" from "${endpointLabel(url)}" within ${timeoutMs} ms`,
    retryable: true,
  });
}

export function aborted(what: string): WavsError {
  return new WavsError("rpc_aborted", {
    message: `Stopped waiting for "${what}" because the caller gave up`,
    retryable: true,
  });
}

export function answerTooLarge(url: string, maxBytes: number): WavsError {
  return new WavsError("rpc_answer_too_large", {
    message: `Dropped an answer from "${endpointLabel(url)}" because it is longer than ${maxBytes} bytes`,
    retryable: false,
  });
}

/** @param expected what the answer should have been: `an array of logs` */
export function invalidAnswer(expected: string, value: unknown): WavsError {
  return new WavsError("rpc_invalid_answer", {
    message: `Cannot use the answer of the endpoint because it should hold ${expected}, not ${describeValue(value)}`,
    retryable: true,
  });
}

/** The error member of a JSON-RPC answer as a WavsError; whatever is malformed in it is left out. */
export function refused(error: unknown): WavsError {
  const { code, message, data } = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  const rpcCode = typeof code === "number" && Number.isSafeInteger(code) ? code : 0;
  const rpcMessage = (typeof message === "string" ? message : "no reason given").slice(0, MAX_RPC_ERROR_CHARS);
  const revert = revertData(data);
  const meta: ErrorMeta = { rpcCode, rpcMessage, ...(revert === undefined ? {} : { data: revert }) };
  return new WavsError("rpc_error", {
    message: `The endpoint refused with "${rpcMessage}" (code ${rpcCode})`,
    retryable: PASSING_RPC_CODES.has(rpcCode),
    meta,
  });
}

/** Some nodes wrap the data in one more object. */
function revertData(data: unknown): string | undefined {
  const text = typeof data === "object" && data !== null ? (data as Record<string, unknown>).data : data;
  return typeof text === "string" && text.length <= MAX_RPC_ERROR_DATA_CHARS && HEX.test(text) ? text : undefined;
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return `"${value.slice(0, 80)}"`;
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
