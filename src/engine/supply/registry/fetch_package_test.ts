import assert from "node:assert/strict";
import { digestOf, type OciRegistry, startOciRegistry } from "../testing/oci_registry.ts";
import { GENEROUS, withGet } from "../testing/get.ts";
import { assertRefused } from "../testing/refusals.ts";
import { startWargRegistry } from "../testing/warg_registry.ts";
import type { PackageRequest } from "../types.ts";
import { fetchPackage } from "./fetch_package.ts";

const COMPONENT = Uint8Array.from({ length: 50_000 }, (_, index) => index * 7);
const OTHER = new Uint8Array([6, 6, 6]);

function hex(bytes: Uint8Array): string {
  return digestOf(bytes).slice("sha256:".length);
}

async function fetchEcho(domain: string, changes: Partial<PackageRequest> = {}): Promise<Uint8Array> {
  const request = { package: "wavs:echo", version: "1.0.0", domain, digest: hex(COMPONENT), ...GENEROUS, ...changes };
  return (await withGet((get) => fetchPackage(request, get))).bytes;
}

function registryWithEcho(options: Parameters<typeof startOciRegistry>[0] = {}): OciRegistry {
  const registry = startOciRegistry(options);
  registry.push("wavs/echo", "1.0.0", COMPONENT);
  return registry;
}

function layerOf(digest: unknown, size: unknown = 1) {
  return { layers: [{ mediaType: "application/wasm", digest, size }] };
}

Deno.test("a component is pulled with an anonymous token for its repository and nothing more", async () => {
  await using registry = registryWithEcho();
  assert.deepEqual(await fetchEcho(registry.host), COMPONENT);
  assert.deepEqual(registry.requests.map(({ path, authorization }) => [path, authorization]), [
    ["/.well-known/wasm-pkg/registry.json", null],
    ["/v2/wavs/echo/manifests/1.0.0", null],
    ["/token?service=test&scope=repository%3Awavs%2Fecho%3Apull", null],
    ["/v2/wavs/echo/manifests/1.0.0", "Bearer pull-wavs-echo"],
    [`/v2/wavs/echo/blobs/${digestOf(COMPONENT)}`, "Bearer pull-wavs-echo"],
  ]);
});

Deno.test("a registry that wants no token gets none", async () => {
  await using registry = registryWithEcho({ needsToken: false });
  assert.deepEqual(await fetchEcho(registry.host), COMPONENT);
  assert.ok(registry.requests.every(({ authorization }) => authorization === null));
});

Deno.test("without a version the highest is taken, over all pages, prereleases included", async () => {
  await using registry = startOciRegistry({ pageSize: 2 });
  for (const tag of ["1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1", "latest", "sha256-abc.sig"]) {
    registry.push("wavs/echo", tag, tag === "2.0.0-rc.1" ? COMPONENT : OTHER);
  }
  assert.deepEqual(await fetchEcho(registry.host, { version: undefined }), COMPONENT);
  assert.equal(registry.requests.filter(({ path }) => path.includes("/tags/list")).length, 1 + 3);
});

Deno.test("the metadata of a domain leads to its registry, below a prefix, or to a warg registry", async () => {
  await using registry = startOciRegistry();
  registry.push("webassembly/wavs/echo", "1.0.0", COMPONENT);
  const oci = { preferredProtocol: "oci", oci: { registry: registry.host, namespacePrefix: "webassembly/" } };
  await using domain = startOciRegistry({ metadata: oci });
  assert.deepEqual(await fetchEcho(domain.host), COMPONENT);
  await using older = startOciRegistry({
    metadata: { ociRegistry: registry.host, ociNamespacePrefix: "webassembly/" },
  });
  assert.deepEqual(await fetchEcho(older.host), COMPONENT);
  await using warg = startWargRegistry();
  warg.publish(COMPONENT);
  await using toWarg = startOciRegistry({ metadata: { preferredProtocol: "warg", warg: { url: warg.url } } });
  assert.deepEqual(await fetchEcho(toWarg.host), COMPONENT);
  await using unknown = startOciRegistry({ metadata: { preferredProtocol: "gopher" } });
  await assertRefused(fetchEcho(unknown.host), "registry_invalid", /prefers the protocol "gopher"/);
});

Deno.test("metadata that leads out of the grammar of hosts and repositories is refused", async () => {
  const wrong = [
    [{ registry: "127.0.0.1/../x" }, "registry_host_invalid"],
    [{ registry: "user@127.0.0.1" }, "registry_host_invalid"],
    [{ registry: "127.0.0.1?x" }, "registry_host_invalid"],
    [{ registry: "" }, "registry_host_invalid"],
    [{ namespacePrefix: "../../" }, "registry_invalid"],
    [{ namespacePrefix: "a?b/" }, "registry_invalid"],
    [{ namespacePrefix: "A/" }, "registry_invalid"],
  ] as const;
  for (const [oci, code] of wrong) {
    await using domain = registryWithEcho({ metadata: { oci } });
    await assertRefused(fetchEcho(domain.host), code, /./);
    assert.equal(domain.requests.length, 1, JSON.stringify(oci));
  }
});

Deno.test("a version that is another component is refused before it is fetched", async () => {
  await using registry = startOciRegistry();
  registry.push("wavs/echo", "1.0.0", OTHER);
  await assertRefused(fetchEcho(registry.host), "component_digest_mismatch", new RegExp(`"${hex(OTHER)}", not`));
  assert.ok(!registry.requests.some(({ path }) => path.includes("/blobs/")));
});

Deno.test("a manifest that tricks with digests, paths, sizes or its own form is refused", async () => {
  await using registry = registryWithEcho();
  const wrong: readonly (readonly [unknown, string, RegExp])[] = [
    [layerOf("sha256:../../../../etc/passwd"), "component_digest_mismatch", /etc\/passwd/],
    [layerOf(`${digestOf(COMPONENT)}/../x`), "component_digest_mismatch", /not/],
    [layerOf(`sha512:${hex(COMPONENT)}`), "component_digest_mismatch", /not/],
    [layerOf(digestOf(COMPONENT), GENEROUS.maxBytes + 1), "fetch_too_large", /larger than/],
    [layerOf(digestOf(COMPONENT), "1"), "registry_invalid", /no layers that can be fetched/],
    [layerOf(7), "registry_invalid", /no layers that can be fetched/],
    [{ layers: [] }, "registry_invalid", /no layers/],
    [{ manifests: [] }, "registry_invalid", /no manifest of one artifact/],
    [[], "registry_invalid", /no JSON object/],
  ];
  for (const [manifest, code, message] of wrong) {
    registry.mischief = { manifest: () => manifest };
    await assertRefused(fetchEcho(registry.host), code, message);
  }
  assert.ok(!registry.requests.some(({ path }) => path.includes("/blobs/")));
});

Deno.test("an endless manifest, list of tags or token is cut off", async () => {
  const endless = () => new Response(ReadableStream.from(endlessSpaces()));
  await using registry = registryWithEcho();
  registry.mischief = { token: endless };
  await assertRefused(fetchEcho(registry.host), "fetch_too_large", /larger than/);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, endless);
  const host = `127.0.0.1:${server.addr.port}`;
  await assertRefused(fetchEcho(host), "fetch_too_large", /larger than/);
  await assertRefused(fetchEcho(host, { version: undefined }), "fetch_too_large", /larger than/);
});

async function* endlessSpaces(): AsyncIterable<Uint8Array> {
  const chunk = new Uint8Array(256 * 1024).fill(0x20);
  while (true) yield await Promise.resolve(chunk);
}

Deno.test("a list of tags that never ends, or leads to another host, is given up", async () => {
  await using registry = startOciRegistry({ pageSize: 1 });
  for (let minor = 0; minor < 25; minor++) registry.push("wavs/echo", `1.${minor}.0`, COMPONENT);
  await assertRefused(fetchEcho(registry.host, { version: undefined }), "registry_invalid", /too many tags/);
  await using elsewhere = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ tags: ["1.0.0"] }, { headers: { link: `<http://${registry.host}/v2/x>; rel="next"` } }),
  );
  const asked = registry.requests.length;
  await assertRefused(
    fetchEcho(`127.0.0.1:${elsewhere.addr.port}`, { version: undefined }),
    "registry_invalid",
    /leads to another registry/,
  );
  assert.equal(registry.requests.length, asked, "nobody was asked there");
});

Deno.test("a blob that is larger than its manifest says is read up to the limit", async () => {
  await using registry = registryWithEcho();
  registry.mischief = { blob: () => new Response(ReadableStream.from(endlessSpaces())) };
  await assertRefused(fetchEcho(registry.host), "fetch_too_large", /larger than/);
});

Deno.test("a token is not sent on to the store that a registry redirects to", async () => {
  const seen: (string | null)[] = [];
  await using store = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    seen.push(request.headers.get("authorization"));
    return new Response(COMPONENT);
  });
  await using registry = registryWithEcho();
  registry.mischief = { blob: () => Response.redirect(`http://127.0.0.1:${store.addr.port}/blob`, 307) };
  assert.deepEqual(await fetchEcho(registry.host), COMPONENT);
  assert.deepEqual(seen, [null]);
});

Deno.test("a registry that gives no token is told of in one sentence", async () => {
  await using registry = registryWithEcho();
  const wrong: readonly (readonly [OciRegistry["mischief"], string, RegExp])[] = [
    [{ challenge: 'Basic realm="x"' }, "registry_denied", /wants a password; only public packages/],
    [{ challenge: "Bearer" }, "registry_denied", /wants a password/],
    [{ challenge: 'Bearer realm="/token"' }, "registry_invalid", /sends for a token to "\/token"/],
    [{ challenge: 'Bearer realm="file:///etc/passwd"' }, "registry_invalid", /etc\/passwd/],
    [{ token: () => new Response(null, { status: 403 }) }, "registry_denied", /no token is given/],
    [{ token: () => Response.json({}) }, "registry_invalid", /holds no token/],
    [{ token: () => Response.json({ token: "a\r\nx-evil: 1" }) }, "registry_invalid", /holds no token/],
    [{ token: () => Response.json({ token: "wrong" }) }, "registry_denied", /answered 401/],
  ];
  for (const [mischief, code, message] of wrong) {
    registry.mischief = mischief;
    await assertRefused(fetchEcho(registry.host), code, message);
  }
});

Deno.test("a package or version that does not exist says so with the status", async () => {
  await using registry = registryWithEcho();
  await assertRefused(fetchEcho(registry.host, { version: "9.9.9" }), "fetch_status", /status code: 404/);
  await assertRefused(fetchEcho(registry.host, { package: "wavs:none" }), "fetch_status", /status code: 404/);
});

Deno.test("a warg registry's content is fetched by digest from the first place that delivers", async () => {
  await using registry = startWargRegistry();
  registry.publish(COMPONENT);
  await using domain = startOciRegistry({ metadata: { wargUrl: registry.url } });
  registry.sources = (_digest, url) => [
    { type: "carrierPigeon", url },
    { type: "httpGet", url: `${registry.url}/content/none` },
    { type: "httpGet", url },
  ];
  assert.deepEqual(await fetchEcho(domain.host), COMPONENT);
  assert.deepEqual(registry.requests.map((path) => path.split("/")[1]), ["v1", "content", "content"]);
});

Deno.test("a warg registry that names no place, too many, or another protocol is given up", async () => {
  await using registry = startWargRegistry();
  registry.publish(COMPONENT);
  await using domain = startOciRegistry({ metadata: { wargUrl: registry.url } });
  for (const sources of [[], {}, [{ type: "httpGet", url: 7 }], [{ type: "s3", url: registry.url }]]) {
    registry.sources = () => sources;
    await assertRefused(fetchEcho(domain.host), "registry_invalid", /names no place/);
  }
  registry.sources = () => [{ type: "httpGet", url: "file:///etc/passwd" }];
  await assertRefused(fetchEcho(domain.host), "uri_unsupported", /etc\/passwd/);
  const asked = registry.requests.length;
  registry.sources = () => Array.from({ length: 50 }, () => ({ type: "httpGet", url: `${registry.url}/content/none` }));
  await assertRefused(fetchEcho(domain.host), "fetch_status", /404/);
  assert.equal(registry.requests.length - asked, 1 + 4);
});
