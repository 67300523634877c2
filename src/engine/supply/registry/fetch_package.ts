import type { Fetched, Get, PackageRequest } from "../types.ts";
import { fetchOci } from "./fetch_oci.ts";
import { fetchWarg } from "./fetch_warg.ts";
import { findBackend } from "./metadata.ts";

/** Where packages come from that name no domain (spec/wire.md 8.5). */
const DEFAULT_DOMAIN = "wa.dev";

/**
 * Fetches a component from the registry its source names.
 *
 * @throws WavsError `registry_…`, `component_digest_mismatch`, `fetch_status`, `fetch_too_large`, or what `get` throws
 */
export async function fetchPackage(request: PackageRequest, get: Get): Promise<Fetched> {
  const backend = await findBackend(request.domain ?? DEFAULT_DOMAIN, get);
  if (backend.kind === "warg") return await fetchWarg(request, backend.url, get);
  const repository = `${backend.namespacePrefix}${request.package.replace(":", "/")}`;
  return await fetchOci(request, { registry: backend.registry, repository }, get);
}
