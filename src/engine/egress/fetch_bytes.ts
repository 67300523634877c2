import { fetchPackage } from "../supply/registry/fetch_package.ts";
import { fetchUri } from "../supply/fetch_uri.ts";
import type { Fetched, FetchRequest, PackageRequest } from "../supply/types.ts";
import type { ExchangeModules } from "./exchange.ts";
import { withinFetch } from "./fetch.ts";
import type { EgressBoot } from "./types.ts";

/**
 * Fetches a document or component by its URI.
 *
 * @throws WavsError `uri_unsupported`, `fetch_status`, `fetch_redirects`, `fetch_too_large`, `http_error`, `ipfs_…`
 */
export function fetchBytes(request: FetchRequest, options: EgressBoot, modules: ExchangeModules): Promise<Fetched> {
  return withinFetch(request.uri, request, { options, modules }, (get) => fetchUri(request, options, get));
}

/**
 * Fetches a component from a registry.
 *
 * @throws WavsError `registry_…`, `component_digest_mismatch`, `fetch_status`, `fetch_too_large`, `http_error`
 */
export function fetchFromRegistry(
  request: PackageRequest,
  options: EgressBoot,
  modules: ExchangeModules,
): Promise<Fetched> {
  return withinFetch(request.package, request, { options, modules }, (get) => fetchPackage(request, get));
}
