import { isWavsError } from "@/domain/mod.ts";
import { asObject, asText, readObject, registryInvalid } from "../answer.ts";
import type { Get } from "../types.ts";
import { registryOrigin } from "./registry_host.ts";

/** How a domain wants its packages to be fetched (spec/wire.md 8.5). */
export type Backend =
  | {
    readonly kind: "oci";
    /** Host of the registry, perhaps with a port. */
    readonly registry: string;
    /** Goes before the namespace as it is: `webassembly/`. */
    readonly namespacePrefix: string;
  }
  | { readonly kind: "warg"; readonly url: string };

/** The reference knows these two without asking. */
const WARG_REGISTRIES: ReadonlyMap<string, string> = new Map([
  ["wa.dev", "https://wa.dev"],
  ["localhost:8090", "http://localhost:8090"],
]);

/**
 * Looks up `/.well-known/wasm-pkg/registry.json`; a domain that has none, or none that can be read, is an OCI registry
 * itself.
 *
 * @throws WavsError `registry_host_invalid`, `registry_invalid` when it names a protocol nobody here speaks
 */
export async function findBackend(domain: string, get: Get): Promise<Backend> {
  const warg = WARG_REGISTRIES.get(domain);
  if (warg !== undefined) return { kind: "warg", url: warg };
  const url = `${registryOrigin(domain)}/.well-known/wasm-pkg/registry.json`;
  return chooseBackend(domain, url, await readMetadata(url, get));
}

async function readMetadata(url: string, get: Get): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await readObject(await get({ url, headers: { accept: "application/json" } }), url);
  } catch (error) {
    if (isWavsError(error)) return {};
    throw error;
  }
}

/** The keys of one protocol each, and the older spelling beside it. */
function chooseBackend(domain: string, url: string, metadata: Readonly<Record<string, unknown>>): Backend {
  const oci = asObject(metadata.oci);
  const warg = asObject(metadata.warg);
  const wargUrl = asText(metadata.wargUrl) ?? asText(warg?.url);
  const registry = asText(metadata.ociRegistry) ?? asText(oci?.registry);
  const hasOci = oci !== undefined || registry !== undefined;
  const protocol = asText(metadata.preferredProtocol) ?? (wargUrl !== undefined && !hasOci ? "warg" : "oci");
  switch (protocol) {
    case "oci":
      return {
        kind: "oci",
        registry: registry ?? domain,
        namespacePrefix: asText(metadata.ociNamespacePrefix) ?? asText(oci?.namespacePrefix) ?? "",
      };
    case "warg":
      return { kind: "warg", url: wargUrl ?? `https://${domain}` };
    default:
      throw registryInvalid(url, `it prefers the protocol "${protocol}"; oci and warg are supported`);
  }
}
