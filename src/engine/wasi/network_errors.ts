import { describeError, isWavsError, WavsError } from "@/domain/mod.ts";

/** The names of `wasi:sockets/network` error-code. */
export const NETWORK_ERROR_CODES = [
  "unknown",
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "invalid-state",
  "new-socket-limit",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
] as const;

export type NetworkErrorCode = typeof NETWORK_ERROR_CODES[number];

const KNOWN_CODES: ReadonlySet<unknown> = new Set(NETWORK_ERROR_CODES);

/** Codes that the same call meets every time. */
const PERMANENT_CODES: ReadonlySet<NetworkErrorCode> = new Set([
  "access-denied",
  "invalid-argument",
  "not-supported",
  "permanent-resolver-failure",
]);

/** A failed socket operation, as it crosses between isolates. */
export function socketError(code: NetworkErrorCode, why: string, cause?: unknown): WavsError {
  return new WavsError("socket_error", {
    message: `The socket operation failed with ${code}: ${why}`,
    retryable: !PERMANENT_CODES.has(code),
    meta: { code },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The guest's view of a failed operation, with the text for the `wasi:io` errors of its streams. */
export function networkErrorOf(error: unknown): { readonly code: NetworkErrorCode; readonly text: string } {
  const code = isWavsError(error) ? error.meta.code : undefined;
  const text = describeError(error);
  return { code: KNOWN_CODES.has(code) ? code as NetworkErrorCode : "unknown", text };
}
