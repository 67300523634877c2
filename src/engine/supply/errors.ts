import { WavsError } from "@/domain/mod.ts";

/** @param allowed in bytes */
export function tooLarge(what: string, allowed: number): WavsError {
  return new WavsError("fetch_too_large", {
    message: `Cannot fetch "${what}" because it is larger than ${allowed} bytes`,
    retryable: false,
    meta: { uri: what },
  });
}

/** An answer that is no success; server errors and "too many requests" pass by themselves. */
export function badStatus(uri: string, status: number): WavsError {
  return new WavsError("fetch_status", {
    message: `Failed to fetch data, status code: ${status} from "${uri}"`,
    retryable: status >= 500 || status === 429 || status === 408,
    meta: { uri, status },
  });
}

/** What was found is not what the service document promised. */
export function digestMismatch(from: string, expected: string, actual: string): WavsError {
  return new WavsError("component_digest_mismatch", {
    message: `Cannot store the component from "${from}" because its SHA-256 is "${actual}", not "${expected}"; ` +
      "correct the digest in the service definition, or what is there",
    retryable: false,
    meta: { uri: from, expected, actual },
  });
}
