import { describeError, WavsError } from "@/domain/mod.ts";
import { type NetworkErrorCode, socketError } from "../wasi/network_errors.ts";

const CODES: ReadonlyMap<unknown, NetworkErrorCode> = new Map<string, NetworkErrorCode>([
  ["EACCES", "access-denied"],
  ["EADDRINUSE", "address-in-use"],
  ["EADDRNOTAVAIL", "address-not-bindable"],
  ["EAI_AGAIN", "temporary-resolver-failure"],
  ["EAI_FAIL", "permanent-resolver-failure"],
  ["EAI_NODATA", "name-unresolvable"],
  ["EAI_NONAME", "name-unresolvable"],
  ["ECANCELED", "connection-aborted"],
  ["ECONNABORTED", "connection-aborted"],
  ["ECONNREFUSED", "connection-refused"],
  ["ECONNRESET", "connection-reset"],
  ["EHOSTUNREACH", "remote-unreachable"],
  ["EMFILE", "new-socket-limit"],
  ["ENETDOWN", "remote-unreachable"],
  ["EMSGSIZE", "datagram-too-large"],
  ["ENETUNREACH", "remote-unreachable"],
  ["ENFILE", "new-socket-limit"],
  ["ENOBUFS", "out-of-memory"],
  ["ENOMEM", "out-of-memory"],
  ["ENOTFOUND", "name-unresolvable"],
  ["EPERM", "access-denied"],
  ["EPIPE", "connection-reset"],
  ["ERR_STREAM_DESTROYED", "connection-aborted"],
  ["ERR_STREAM_WRITE_AFTER_END", "invalid-state"],
  ["ETIMEDOUT", "timeout"],
]);

/** What closing a socket makes of the calls under way. */
const CLOSED_ERRORS = [Deno.errors.BadResource, Deno.errors.Interrupted, Deno.errors.ConnectionAborted];

/** Names what the operating system said as `wasi:sockets` does. */
export function socketErrorFrom(error: unknown): WavsError {
  if (error instanceof WavsError) return error;
  const code = error instanceof Error && "code" in error ? CODES.get(error.code) : undefined;
  const isClosed = CLOSED_ERRORS.some((closed) => error instanceof closed) ||
    error instanceof DOMException && error.name === "AbortError";
  return socketError(code ?? (isClosed ? "connection-aborted" : "unknown"), describeError(error), error);
}

/** Runs work whose failures are named as `wasi:sockets` names them. */
export async function attemptSocket<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw socketErrorFrom(error);
  }
}
