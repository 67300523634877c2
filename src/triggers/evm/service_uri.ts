import { decodeAbiParameters, parseAbiParameters } from "viem";
import type { EvmLog } from "@/chains/mod.ts";
import { bytesToHex, describeError, parseBytes32, WavsError } from "@/domain/mod.ts";
import { MAX_SERVICE_URI_CHARS } from "./limits.ts";

/** Topic 0 of `ServiceURIUpdated(string)` (spec/network.md 1.2). */
export const SERVICE_URI_UPDATED = parseBytes32("0xd2f056df94c31bdb3b4e16080f2ac6dbd4233c6001058d94afc3ad1242dff488");

const STRING = parseAbiParameters("string");

/**
 * The URI that a manager announces with a log of {@link SERVICE_URI_UPDATED} (spec/wire.md 4.4).
 *
 * @throws WavsError `service_uri_undecodable`; anybody can deploy a manager that logs anything
 */
export function decodeServiceUri({ data }: Pick<EvmLog, "data">): string {
  let uri: string;
  try {
    [uri] = decodeAbiParameters(STRING, bytesToHex(data));
  } catch (cause) {
    throw undecodable(describeError(cause));
  }
  if (uri.length > MAX_SERVICE_URI_CHARS) throw undecodable(`it is longer than ${MAX_SERVICE_URI_CHARS} characters`);
  return uri;
}

function undecodable(reason: string): WavsError {
  return new WavsError("service_uri_undecodable", {
    message: `Cannot read the announced service URI because ${reason}`,
    retryable: false,
  });
}
