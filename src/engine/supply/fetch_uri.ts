import { WavsError } from "@/domain/mod.ts";
import { readAll } from "./answer.ts";
import { badStatus } from "./errors.ts";
import type { Fetched, FetchRequest, Get } from "./types.ts";

export interface FetchUriOptions {
  /** Where `ipfs:` is looked up; ends with a slash. */
  readonly ipfsGateway: string;
}

/**
 * Fetches what a URI names (spec/wire.md 8.1).
 *
 * @throws WavsError `uri_unsupported`, `fetch_status`, `fetch_too_large`, `ipfs_…`, or what `get` throws
 */
export async function fetchUri(request: FetchRequest, options: FetchUriOptions, get: Get): Promise<Fetched> {
  const { uri, maxBytes } = request;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case "http":
    case "https":
      return await fetchHttp(uri, maxBytes, get);
    case "ipfs": {
      // Most nodes never need it, and it is the largest thing this worker could load.
      const { fetchIpfs } = await import("./ipfs/fetch_ipfs.ts");
      return await fetchIpfs(request, options.ipfsGateway, get);
    }
    default:
      throw unsupportedScheme(uri, scheme ?? "");
  }
}

async function fetchHttp(url: string, maxBytes: number, get: Get): Promise<Fetched> {
  const answer = await get({ url });
  if (answer.status < 200 || answer.status >= 300) throw badStatus(url, answer.status);
  return { bytes: await readAll(answer, url, maxBytes) };
}

function unsupportedScheme(uri: string, scheme: string): WavsError {
  return new WavsError("uri_unsupported", {
    message: `Cannot fetch "${uri}" because its scheme "${scheme}" is not supported; http, https and ipfs are`,
    retryable: false,
    meta: { uri },
  });
}
