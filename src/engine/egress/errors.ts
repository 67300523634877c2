import { describeError, WavsError } from "@/domain/mod.ts";

/** Codes that the same request meets every time. */
const PERMANENT_CODES: ReadonlySet<string> = new Set([
  "HTTP-request-denied",
  "HTTP-request-method-invalid",
  "HTTP-request-URI-invalid",
]);

/** A failed exchange; `code` is the name of a `wasi:http` error-code. */
export function httpError(code: string, why: string, cause?: unknown): WavsError {
  return new WavsError("http_error", {
    message: `The HTTP request failed with ${code}: ${why}`,
    retryable: !PERMANENT_CODES.has(code),
    meta: { code },
    ...(cause === undefined ? {} : { cause }),
  });
}

const CODES: ReadonlyMap<unknown, string> = new Map([
  ["EAI_AGAIN", "DNS-error"],
  ["EAI_NODATA", "DNS-error"],
  ["ECANCELED", "connection-terminated"],
  ["ECONNREFUSED", "connection-refused"],
  ["ECONNRESET", "connection-terminated"],
  ["EHOSTUNREACH", "destination-unavailable"],
  ["ENETUNREACH", "destination-unavailable"],
  ["ENOTFOUND", "DNS-error"],
  ["EPIPE", "connection-terminated"],
  ["ERR_INVALID_CHAR", "HTTP-protocol-error"],
  ["ERR_INVALID_HTTP_TOKEN", "HTTP-request-method-invalid"],
  ["ERR_STREAM_DESTROYED", "connection-terminated"],
  ["ERR_STREAM_WRITE_AFTER_END", "connection-terminated"],
  ["ERR_UNESCAPED_CHARACTERS", "HTTP-request-URI-invalid"],
  ["ETIMEDOUT", "connection-timeout"],
  ["HPE_HEADER_OVERFLOW", "HTTP-response-header-section-size"],
]);

/** Names what went wrong below HTTP as the guest's interface does (spec/engine.md 2.3). */
export function httpErrorFrom(error: unknown): WavsError {
  if (error instanceof WavsError) return error;
  const text = describeError(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return httpError(CODES.get(code) ?? codeFromText(text), text, error);
}

/** Deno's own errors of the network carry no Node code. */
function codeFromText(text: string): string {
  if (/certificate|UnknownIssuer|NotValidForName/i.test(text)) return "TLS-certificate-error";
  if (/refused/i.test(text)) return "connection-refused";
  if (/reset|closed|broken pipe|hang up|aborted/i.test(text)) return "connection-terminated";
  if (/lookup|resolve|not known/i.test(text)) return "DNS-error";
  if (/parse|HTTP/i.test(text)) return "HTTP-protocol-error";
  return "internal-error";
}
