import { type ComponentSource, describeError, isWavsError, WavsError } from "@/domain/mod.ts";
import { hashComponent, unknownComponent } from "./component_store.ts";
import type { Egress } from "./egress/mod.ts";
import { COMPONENT_TIMEOUT_MS, MAX_COMPONENT_BYTES } from "./limits.ts";
import { digestMismatch } from "./supply/errors.ts";

export type ComponentFetcher = Pick<Egress, "fetchBytes" | "fetchPackage">;

/**
 * Fetches a component from where its source says, and compares its digest (spec/wire.md 8.4).
 *
 * @throws WavsError `component_unknown` (a digest says not where from), `component_fetch_failed`,
 * `component_digest_mismatch`
 */
export async function fetchComponent(
  source: ComponentSource,
  fetcher: ComponentFetcher,
): Promise<Uint8Array> {
  if (source.kind === "digest") throw unknownComponent(source.digest);
  const from = source.kind === "download" ? source.uri : source.package;
  const bytes = await read(source, from, fetcher);
  const actual = await hashComponent(bytes);
  if (actual !== source.digest) throw digestMismatch(from, source.digest, actual);
  return bytes;
}

async function read(
  source: Exclude<ComponentSource, { kind: "digest" }>,
  from: string,
  fetcher: ComponentFetcher,
): Promise<Uint8Array> {
  const limits = { maxBytes: MAX_COMPONENT_BYTES, timeoutMs: COMPONENT_TIMEOUT_MS };
  try {
    const { bytes } = source.kind === "download"
      ? await fetcher.fetchBytes({ uri: source.uri, ...limits })
      : await fetcher.fetchPackage({ ...source, ...limits });
    return bytes;
  } catch (cause) {
    if (isWavsError(cause, "component_digest_mismatch")) throw cause;
    throw new WavsError("component_fetch_failed", {
      message: `Cannot fetch the component from "${from}" because ${describeError(cause)}`,
      retryable: !isWavsError(cause) || cause.retryable,
      meta: { uri: from, digest: source.digest },
      cause,
    });
  }
}
