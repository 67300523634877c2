import {
  describeError,
  encodeServiceManager,
  isWavsError,
  parseService,
  printJson,
  type Service,
  type ServiceManager,
  WavsError,
} from "@/domain/mod.ts";
import { DOCUMENT_TIMEOUT_MS, MAX_DOCUMENT_BYTES } from "./limits.ts";

/** Fetches bytes from the outside, in the egress worker. */
export type FetchBytes = (
  request: { readonly uri: string; readonly maxBytes: number; readonly timeoutMs: number },
) => Promise<{ readonly bytes: Uint8Array }>;

/**
 * Fetches a service document and checks that it belongs to `manager`: a contract must not be able to register
 * somebody else's service (spec/wire.md 9.2.6).
 *
 * @throws WavsError `service_fetch_failed`, `service_invalid`, `service_manager_mismatch`
 */
export async function fetchService(uri: string, manager: ServiceManager, fetchBytes: FetchBytes): Promise<Service> {
  const service = parseDocument(uri, await fetchDocument(uri, fetchBytes));
  const [wanted, found] = [manager, service.manager].map((value) => printJson(encodeServiceManager(value)));
  if (wanted !== found) {
    throw new WavsError("service_manager_mismatch", {
      message: `Cannot use the service document at "${uri}" because it names the manager ${found}, not ${wanted}`,
      retryable: false,
      meta: { uri },
    });
  }
  return service;
}

async function fetchDocument(uri: string, fetchBytes: FetchBytes): Promise<Uint8Array> {
  try {
    return (await fetchBytes({ uri, maxBytes: MAX_DOCUMENT_BYTES, timeoutMs: DOCUMENT_TIMEOUT_MS })).bytes;
  } catch (cause) {
    throw new WavsError("service_fetch_failed", {
      message: `Failed to fetch service: cannot read "${uri}" because ${describeError(cause)}`,
      retryable: !isWavsError(cause) || cause.retryable,
      meta: { uri },
      cause,
    });
  }
}

function parseDocument(uri: string, bytes: Uint8Array): Service {
  try {
    return parseService(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new WavsError("service_invalid", {
      message: `Cannot use the service document at "${uri}": ${describeError(cause)}`,
      retryable: false,
      meta: { uri },
      cause,
    });
  }
}
