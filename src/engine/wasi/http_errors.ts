import { describeError, isWavsError } from "@/domain/mod.ts";
import type { GuestScope } from "./scope.ts";

/** A `wasi:http` error-code. */
export interface HttpErrorCode {
  readonly tag: string;
  readonly val?: unknown;
}

/** Codes that carry nothing, or only an option: the ones a backend may name. */
const PLAIN_CODES: ReadonlySet<string> = new Set([
  "DNS-timeout",
  "destination-not-found",
  "destination-unavailable",
  "destination-IP-prohibited",
  "destination-IP-unroutable",
  "connection-refused",
  "connection-terminated",
  "connection-timeout",
  "connection-read-timeout",
  "connection-write-timeout",
  "connection-limit-reached",
  "TLS-protocol-error",
  "TLS-certificate-error",
  "HTTP-request-denied",
  "HTTP-request-length-required",
  "HTTP-request-method-invalid",
  "HTTP-request-URI-invalid",
  "HTTP-request-URI-too-long",
  "HTTP-response-incomplete",
  "HTTP-response-timeout",
  "HTTP-upgrade-failed",
  "HTTP-protocol-error",
  "loop-detected",
  "configuration-error",
]);

/** Codes whose payload is an option that this host leaves empty. */
const OPTION_CODES: ReadonlySet<string> = new Set([
  "HTTP-request-body-size",
  "HTTP-request-header-section-size",
  "HTTP-response-header-section-size",
  "HTTP-response-body-size",
]);

/** Codes that are this node's own decision, and nothing that happened on the network. */
const REFUSALS: ReadonlySet<string> = new Set([
  "connection-limit-reached",
  "HTTP-request-body-size",
  "HTTP-request-denied",
  "HTTP-request-method-invalid",
  "HTTP-request-URI-invalid",
  "HTTP-response-body-size",
  "HTTP-response-header-section-size",
]);

/** As {@link httpErrorOf}; what the node itself refused is noted too. */
export function noteHttpError(error: unknown, scope: GuestScope): HttpErrorCode {
  const code = httpErrorOf(error);
  if (REFUSALS.has(code.tag)) scope.refuse("http", describeError(error));
  return code;
}

/** The guest's view of a failed exchange. */
export function httpErrorOf(error: unknown): HttpErrorCode {
  const code = isWavsError(error) ? error.meta.code : undefined;
  if (typeof code === "string") {
    if (PLAIN_CODES.has(code)) return { tag: code };
    if (OPTION_CODES.has(code)) return { tag: code, val: undefined };
    // What resolvers of the reference answer for a name that does not exist (spec/engine.md 2.3).
    if (code === "DNS-error") {
      return { tag: code, val: { rcode: "address not available", infoCode: undefined } };
    }
  }
  return { tag: "internal-error", val: describeError(error) };
}
