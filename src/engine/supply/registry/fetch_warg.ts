import { isWavsError } from "@/domain/mod.ts";
import { asObject, asText, readAll, readObject, registryInvalid } from "../answer.ts";
import { badStatus } from "../errors.ts";
import { MAX_CONTENT_SOURCES } from "../limits.ts";
import type { Fetched, Get, PackageRequest } from "../types.ts";

/**
 * Fetches a component from a warg registry by its digest.
 *
 * A warg registry keeps a signed log that says which digest a version has, and its content under that digest. The
 * service document names the digest already, so the log has nothing to add: whatever it said, other bytes would be
 * refused.
 *
 * @param url of the registry
 * @throws WavsError `registry_invalid`, `fetch_status`, `fetch_too_large`, or what `get` throws
 */
export async function fetchWarg(request: PackageRequest, url: string, get: Get): Promise<Fetched> {
  const digest = `sha256:${request.digest}`;
  const listing = `${url.replace(/\/+$/, "")}/v1/content/${digest}`;
  const document = await readObject(await get({ url: listing, headers: { accept: "application/json" } }), listing);
  const urls = contentUrls(asObject(document.contentSources)?.[digest], listing);
  if (urls.length === 0) throw registryInvalid(listing, "it names no place to fetch the component from");
  let failure: unknown;
  for (const source of urls) {
    try {
      return await fetchSource(source, request, get);
    } catch (error) {
      if (!isWavsError(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function contentUrls(sources: unknown, base: string): readonly string[] {
  if (!Array.isArray(sources)) return [];
  return sources.map(asObject)
    .filter((source) => source?.type === "httpGet")
    .map((source) => asText(source?.url))
    .map((url) => url === undefined ? undefined : URL.parse(url, base)?.href)
    .filter((url) => url !== undefined)
    .slice(0, MAX_CONTENT_SOURCES);
}

async function fetchSource(url: string, { maxBytes }: PackageRequest, get: Get): Promise<Fetched> {
  const answer = await get({ url });
  if (answer.status !== 200) throw badStatus(url, answer.status);
  return { bytes: await readAll(answer, url, maxBytes) };
}
