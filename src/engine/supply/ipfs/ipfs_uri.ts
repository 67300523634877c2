import { CID } from "multiformats/cid";
import { describeError, WavsError } from "@/domain/mod.ts";
import { MAX_IPFS_PATH_SEGMENTS } from "../limits.ts";

export interface IpfsUri {
  readonly root: CID;
  /** Names below the root, decoded. */
  readonly path: readonly string[];
}

const IPFS_URI = /^ipfs:\/\/([^/?#]+)([^?#]*)/i;

/**
 * Reads `ipfs://<cid>[/path]`; query and fragment are dropped (spec/wire.md 8.2).
 *
 * @throws WavsError `ipfs_uri_invalid`
 */
export function parseIpfsUri(uri: string): IpfsUri {
  const [, authority, path = ""] = IPFS_URI.exec(uri) ?? [];
  if (authority === undefined) throw invalid(uri, "it is not of the form ipfs://<cid>/<path>");
  const names = path.split("/").filter((segment) => segment !== "").map((segment) => decodeName(uri, segment));
  if (names.length > MAX_IPFS_PATH_SEGMENTS) {
    throw invalid(uri, `its path is longer than ${MAX_IPFS_PATH_SEGMENTS} names`);
  }
  return { root: parseCid(uri, authority), path: names };
}

/** Where a gateway serves it; the gateway's URL ends with a slash. */
export function gatewayUrl(gateway: string, { root, path }: IpfsUri): string {
  return [`${gateway}${root}`, ...path.map(encodeURIComponent)].join("/");
}

function parseCid(uri: string, text: string): CID {
  try {
    return CID.parse(text);
  } catch (cause) {
    throw invalid(uri, `"${text}" is no CID: ${describeError(cause)}`);
  }
}

/** A name that a URL would resolve away, or that holds a separator, would make the gateway answer for another path. */
function decodeName(uri: string, segment: string): string {
  let name: string;
  try {
    name = decodeURIComponent(segment);
  } catch {
    throw invalid(uri, `"${segment}" is not well encoded`);
  }
  if (name === "." || name === ".." || /[/\\\0]/.test(name)) throw invalid(uri, `its path holds the name "${segment}"`);
  return name;
}

function invalid(uri: string, why: string): WavsError {
  return new WavsError("ipfs_uri_invalid", {
    message: `Cannot fetch "${uri}" because ${why}`,
    retryable: false,
    meta: { uri },
  });
}
