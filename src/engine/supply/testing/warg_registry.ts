import { digestOf } from "./oci_registry.ts";

export interface WargRegistry extends AsyncDisposable {
  /** Ends without a slash. */
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: readonly string[];
  /** Where the registry says a content is, beside the other things it says; default where it is. */
  sources: (digest: string, url: string) => unknown;
  /** Another answer to a request for content. */
  content: ((bytes: Uint8Array<ArrayBuffer>) => Response) | undefined;
  publish(component: Uint8Array<ArrayBuffer>): void;
}

/** A registry that speaks the part of the warg API that content is fetched with (spec/wire.md 8.5). */
export function startWargRegistry(): WargRegistry {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    requests.push(pathname);
    const digest = decodeURIComponent(pathname.slice(pathname.lastIndexOf("/") + 1));
    const bytes = contents.get(digest);
    if (bytes === undefined) return Response.json({ status: 404, type: "contentDigest" }, { status: 404 });
    if (pathname.startsWith("/content/")) return registry.content?.(bytes) ?? new Response(bytes);
    const place = `${registry.url}/content/${encodeURIComponent(digest)}`;
    return Response.json({ contentSources: { [digest]: registry.sources(digest, place) } });
  });
  const registry: WargRegistry = {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    sources: (_digest, url) => [{ type: "httpGet", url }],
    content: undefined,
    publish: (component) => void contents.set(digestOf(component), component),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return registry;
}
