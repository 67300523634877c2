import { asObject, asText, readAll, readObject, registryInvalid } from "../answer.ts";
import { digestMismatch, tooLarge } from "../errors.ts";
import { MAX_MANIFEST_BYTES, MAX_TAG_PAGES } from "../limits.ts";
import type { Fetched, Get, PackageRequest } from "../types.ts";
import { OciClient, type OciRepository } from "./oci_client.ts";
import { highestVersion } from "./versions.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

interface Layer {
  readonly digest: string;
  readonly size: number;
}

/**
 * Pulls a component as OCI artifact: the manifest of its version, then the layer that is the component.
 *
 * @throws WavsError `component_digest_mismatch` when that version is another component, `registry_…`, `fetch_status`,
 * `fetch_too_large`, or what `get` throws
 */
export async function fetchOci(request: PackageRequest, repository: OciRepository, get: Get): Promise<Fetched> {
  const client = new OciClient(repository, get);
  const version = request.version ?? await newestVersion(client);
  const name = `${client.name}:${version}`;
  const layers = await readLayers(client, version, name);
  const wanted = `sha256:${request.digest}`;
  const layer = layers.find(({ digest }) => digest === wanted);
  if (layer === undefined) throw digestMismatch(name, request.digest, digestsOf(layers));
  if (layer.size > request.maxBytes) throw tooLarge(name, request.maxBytes);
  const answer = await client.get(`blobs/${wanted}`, "*/*");
  return { bytes: await readAll(answer, name, request.maxBytes) };
}

async function newestVersion(client: OciClient): Promise<string> {
  const tags: string[] = [];
  let next: string | undefined = "tags/list";
  for (let pages = 0; next !== undefined; pages++) {
    if (pages >= MAX_TAG_PAGES) throw registryInvalid(client.name, "it has too many tags; give the package a version");
    const answer = await client.get(next, "application/json");
    const page = await readObject(answer, client.name);
    if (Array.isArray(page.tags)) tags.push(...page.tags.filter((tag) => typeof tag === "string"));
    next = nextPage(answer.header("link"), answer.url);
  }
  const newest = highestVersion(tags);
  if (newest === undefined) throw registryInvalid(client.name, "none of its tags is a version");
  return newest;
}

/** RFC 5988, the one form of it that registries use. */
function nextPage(link: string | undefined, base: string): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? "")?.[1];
  return target === undefined ? undefined : URL.parse(target, base)?.href;
}

async function readLayers(client: OciClient, version: string, name: string): Promise<readonly Layer[]> {
  const answer = await client.get(`manifests/${encodeURIComponent(version)}`, MANIFEST);
  const manifest = await readObject(answer, name, MAX_MANIFEST_BYTES);
  if (!Array.isArray(manifest.layers)) throw registryInvalid(name, "it is no manifest of one artifact");
  const layers = manifest.layers.map((value) => toLayer(asObject(value)));
  const complete = layers.filter((layer) => layer !== undefined);
  if (complete.length !== layers.length || complete.length === 0) {
    throw registryInvalid(name, "its manifest names no layers that can be fetched");
  }
  return complete;
}

function toLayer(value: Readonly<Record<string, unknown>> | undefined): Layer | undefined {
  const digest = asText(value?.digest);
  const size = value?.size;
  return digest !== undefined && typeof size === "number" ? { digest, size } : undefined;
}

function digestsOf(layers: readonly Layer[]): string {
  return layers.slice(0, 4).map(({ digest }) => digest.replace(/^sha256:/, "")).join('", "');
}
