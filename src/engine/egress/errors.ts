import { describeError, WavsError } from "@/domain/mod.ts";

/** A failed exchange; `code` is the name of a `wasi:http` error-code. */
export function httpError(code: string, why: string, cause?: unknown): WavsError {
  return new WavsError("http_error", {
    message: `The HTTP request failed with ${code}: ${why}`,
    retryable: true,
    meta: { code },
    ...(cause === undefined ? {} : { cause }),
  });
}

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-terminated",
  EPIPE: "connection-terminated",
  ETIMEDOUT: "connection-timeout",
  ENOTFOUND: "DNS-error",
  EAI_AGAIN: "DNS-error",
  EAI_NODATA: "DNS-error",
  EHOSTUNREACH: "destination-unavailable",
  ENETUNREACH: "destination-unavailable",
  HPE_HEADER_OVERFLOW: "HTTP-response-header-section-size",
};

/** Names what went wrong below HTTP as the guest's interface does (spec/engine.md 2.3). */
export function httpErrorFrom(error: unknown): WavsError {
  if (error instanceof WavsError) return error;
  const code = (error as { code?: unknown }).code;
  const text = describeError(error);
  const known = typeof code === "string" ? CODES[code] : undefined;
  return httpError(known ?? codeFromText(text), text, error);
}

/** Deno's own errors of the network carry no Node code. */
function codeFromText(text: string): string {
  if (/certificate|UnknownIssuer|NotValidForName/i.test(text)) return "TLS-certificate-error";
  if (/refused/i.test(text)) return "connection-refused";
  if (/reset|closed|broken pipe|hang up/i.test(text)) return "connection-terminated";
  if (/lookup|resolve|not known/i.test(text)) return "DNS-error";
  if (/parse|HTTP/i.test(text)) return "HTTP-protocol-error";
  return "internal-error";
}
