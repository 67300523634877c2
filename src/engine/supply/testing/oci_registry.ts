import { createHash } from "node:crypto";

/** How a registry answers when it does not answer as it should. */
export interface OciMischief {
  /** Another manifest than the one that was pushed. */
  readonly manifest?: (manifest: Record<string, unknown>) => unknown;
  /** Another answer to a request for a blob. */
  readonly blob?: (bytes: Uint8Array<ArrayBuffer>) => Response;
  /** Another `WWW-Authenticate` header. */
  readonly challenge?: string;
  /** Another answer to a request for a token. */
  readonly token?: () => Response;
}

export interface OciRegistryOptions {
  /** Whether reading takes a token, which anybody gets; default yes, as public registries do. */
  readonly needsToken?: boolean;
  /** Tags per page. */
  readonly pageSize?: number;
  /** What `/.well-known/wasm-pkg/registry.json` answers; there is none when unset. */
  readonly metadata?: unknown;
}

export interface OciRegistry extends AsyncDisposable {
  /** Host and port, as a component source names it. */
  readonly host: string;
  readonly requests: readonly { readonly path: string; readonly authorization: string | null }[];
  mischief: OciMischief;
  /** Pushes a component as its tools do: a config, one layer, and a manifest under the tag. */
  push(repository: string, tag: string, component: Uint8Array<ArrayBuffer>): void;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/**
 * A registry that speaks the pull half of the OCI distribution specification 1.1 over HTTP, with the token flow of
 * public registries. It stands in for `ghcr.io`, since tests must run without the internet.
 */
export function startOciRegistry(options: OciRegistryOptions = {}): OciRegistry {
  const { needsToken = true, pageSize = 100, metadata } = options;
  const repositories = new Map<string, Map<string, Record<string, unknown>>>();
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  const requests: { path: string; authorization: string | null }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    requests.push({ path: `${url.pathname}${url.search}`, authorization: request.headers.get("authorization") });
    if (url.pathname === "/.well-known/wasm-pkg/registry.json") {
      return metadata === undefined ? missing("NOT_FOUND") : Response.json(metadata);
    }
    if (url.pathname === "/token") return registry.mischief.token?.() ?? giveToken(url);
    return answer(request, url);
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const registry: OciRegistry = {
    host: `127.0.0.1:${server.addr.port}`,
    requests,
    mischief: {},
    push: (repository, tag, component) => {
      const config = new TextEncoder().encode(JSON.stringify({ architecture: "wasm", os: "wasip2" }));
      for (const bytes of [config, component]) blobs.set(digestOf(bytes), bytes);
      const tags = repositories.get(repository) ?? new Map();
      repositories.set(repository, tags);
      tags.set(tag, {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: describe("application/vnd.wasm.config.v0+json", config),
        layers: [describe("application/wasm", component)],
      });
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return registry;

  function answer(request: Request, url: URL): Response {
    const [, repository = "", kind, reference = ""] = /^\/v2\/(.+)\/(tags|manifests|blobs)\/(.+)$/.exec(url.pathname) ??
      [];
    if (needsToken && request.headers.get("authorization") !== `Bearer ${tokenFor(repository)}`) {
      return new Response(null, {
        status: 401,
        headers: {
          "www-authenticate": registry.mischief.challenge ??
            `Bearer realm="${origin}/token",service="test",scope="repository:${repository}:pull"`,
        },
      });
    }
    const tags = repositories.get(repository);
    if (tags === undefined) return missing("NAME_UNKNOWN");
    switch (kind) {
      case "tags":
        return listTags(repository, [...tags.keys()].sort(), url);
      case "manifests":
        return answerManifest(tags.get(decodeURIComponent(reference)));
      default:
        return answerBlob(blobs.get(reference));
    }
  }

  function listTags(name: string, tags: readonly string[], url: URL): Response {
    const last = url.searchParams.get("last");
    const rest = last === null ? tags : tags.filter((tag) => tag > last);
    const page = rest.slice(0, pageSize);
    const next = `</v2/${name}/tags/list?n=${pageSize}&last=${page.at(-1)}>; rel="next"`;
    return Response.json({ name, tags: page }, rest.length > page.length ? { headers: { link: next } } : {});
  }

  function answerManifest(manifest: Record<string, unknown> | undefined): Response {
    if (manifest === undefined) return missing("MANIFEST_UNKNOWN");
    return Response.json(registry.mischief.manifest?.(manifest) ?? manifest, { headers: { "content-type": MANIFEST } });
  }

  function answerBlob(bytes: Uint8Array<ArrayBuffer> | undefined): Response {
    if (bytes === undefined) return missing("BLOB_UNKNOWN");
    return registry.mischief.blob?.(bytes) ?? new Response(bytes);
  }
}

/** A token is good for one repository, so that a test notices when the wrong one was asked for. */
function tokenFor(repository: string): string {
  return `pull-${repository.replaceAll("/", "-")}`;
}

function giveToken(url: URL): Response {
  const [, repository] = /^repository:(.+):pull$/.exec(url.searchParams.get("scope") ?? "") ?? [];
  if (repository === undefined || url.searchParams.get("service") !== "test") {
    return new Response(null, { status: 400 });
  }
  return Response.json({ token: tokenFor(repository), expires_in: 300 });
}

function missing(code: string): Response {
  return Response.json({ errors: [{ code }] }, { status: 404 });
}

function describe(mediaType: string, bytes: Uint8Array) {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** `sha256:` and 64 digits. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
