import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/mod.ts";
import { fetchBytes } from "./fetch_bytes.ts";
import { MAX_REDIRECTS } from "./limits.ts";
import { startRawServer } from "./testing/raw_server.ts";
import { assertHttpError, createManualClock } from "./testing/requests.ts";

const PRIVATE_ALLOWED = { allowPrivateNetworks: true, ipfsGateway: "http://127.0.0.1:9/ipfs/" };

function fetchText(uri: string, maxBytes = 1000): Promise<string> {
  return fetchBytes({ uri, maxBytes, timeoutMs: 60_000 }, PRIVATE_ALLOWED, { clock: systemClock })
    .then(({ bytes }) => new TextDecoder().decode(bytes));
}

/** `/hops/3` redirects three times, then answers. */
function serveRedirects() {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const [, kind, value] = new URL(request.url).pathname.split("/");
    if (kind === "status") return new Response("page", { status: Number(value) });
    if (kind === "to") return redirect(decodeURIComponent(value ?? ""));
    return Number(value) > 0 ? redirect(`/hops/${Number(value) - 1}`) : new Response("found");
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

function redirect(location: string): Response {
  return new Response(null, { status: 307, headers: { location } });
}

Deno.test("a fetch follows redirects up to the limit", async () => {
  await using server = serveRedirects();
  assert.equal(await fetchText(`${server.url}/hops/0`), "found");
  assert.equal(await fetchText(`${server.url}/hops/${MAX_REDIRECTS}`), "found");
  await assert.rejects(
    fetchText(`${server.url}/hops/${MAX_REDIRECTS + 1}`),
    (error) => isWavsError(error, "fetch_redirects"),
  );
});

Deno.test("a redirect to another scheme or to no URL is not followed", async () => {
  await using server = serveRedirects();
  const to = (target: string) => `${server.url}/to/${encodeURIComponent(target)}`;
  await assert.rejects(fetchText(to("file:///etc/passwd")), (error) => isWavsError(error, "uri_unsupported"));
  await assertHttpError(fetchText(to("http://[/")), "HTTP-protocol-error");
});

Deno.test("an address that is not public is refused to the node itself, too", async () => {
  await using server = serveRedirects();
  const request = { uri: `${server.url}/hops/0`, maxBytes: 1000, timeoutMs: 60_000 };
  await assertHttpError(
    fetchBytes(request, { ...PRIVATE_ALLOWED, allowPrivateNetworks: false }, { clock: systemClock }),
    "HTTP-request-denied",
  );
});

Deno.test("a redirect to an address that is not public is refused like the address itself", async () => {
  const options = { ...PRIVATE_ALLOWED };
  await using inner = serveRedirects();
  await using outer = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    // There is no public address on this machine, so the first server counts as one until it has been reached.
    options.allowPrivateNetworks = false;
    return redirect(`${inner.url}/hops/0`);
  });
  const request = { uri: `http://127.0.0.1:${outer.addr.port}/`, maxBytes: 1000, timeoutMs: 60_000 };
  await assertHttpError(fetchBytes(request, options, { clock: systemClock }), "HTTP-request-denied");
});

Deno.test("a compressed answer is taken as it is, however large it would unfold to", async () => {
  const zeros = ReadableStream.from([new Uint8Array(1_000_000)]).pipeThrough(new CompressionStream("gzip"));
  const bomb = await new Response(zeros).bytes();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(bomb, { headers: { "content-encoding": "gzip" } }),
  );
  const uri = `http://127.0.0.1:${server.addr.port}/`;
  const { bytes } = await fetchBytes({ uri, maxBytes: bomb.length, timeoutMs: 60_000 }, PRIVATE_ALLOWED, {
    clock: systemClock,
  });
  assert.deepEqual(bytes, bomb);
});

Deno.test("a body that never ends is given up at the limit", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) });
    return new Response(body);
  });
  await assert.rejects(
    fetchText(`http://127.0.0.1:${server.addr.port}/`, 1_000_000),
    (error) => isWavsError(error, "fetch_too_large"),
  );
});

Deno.test("a body that drips is given up when time is up, however often a byte comes", async () => {
  const clock = createManualClock();
  const dripping = Promise.withResolvers<void>();
  const hungUp = Promise.withResolvers<void>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      pull: () => {
        dripping.resolve();
        return hungUp.promise;
      },
      cancel: () => hungUp.resolve(),
    });
    return new Response(body);
  });
  const uri = `http://127.0.0.1:${server.addr.port}/`;
  const fetching = fetchBytes({ uri, maxBytes: 1000, timeoutMs: 1000 }, PRIVATE_ALLOWED, { clock });
  await dripping.promise;
  clock.passAll(1000);
  await assertHttpError(fetching, "connection-read-timeout");
  await hungUp.promise;
});

Deno.test("a scheme that is not supported is named with those that are", async () => {
  await assert.rejects(fetchText("ftp://example.com"), (error) => {
    assert.ok(isWavsError(error, "uri_unsupported"));
    assert.match(error.message, /"ftp".*http, https and ipfs/);
    return true;
  });
});

Deno.test("a status that is no success fails with that status", async () => {
  await using server = serveRedirects();
  for (const [status, retryable] of [[400, false], [404, false], [429, true], [503, true]] as const) {
    await assert.rejects(fetchText(`${server.url}/status/${status}`), (error) => {
      assert.ok(isWavsError(error, "fetch_status"));
      assert.equal(error.meta.status, status);
      assert.equal(error.retryable, retryable);
      return true;
    });
  }
});

Deno.test("a document of exactly the limit is fetched, a larger one is not", async () => {
  await using server = serveRedirects();
  assert.equal(await fetchText(`${server.url}/hops/0`, 5), "found");
  await assert.rejects(fetchText(`${server.url}/hops/0`, 4), (error) => isWavsError(error, "fetch_too_large"));
});

Deno.test("a timeout ends the whole fetch and its connection", async () => {
  const clock = createManualClock();
  await using server = startRawServer("");
  const fetching = fetchBytes({ uri: server.url, maxBytes: 10, timeoutMs: 1000 }, PRIVATE_ALLOWED, { clock });
  await server.received();
  clock.passAll(1000);
  await assert.rejects(fetching, (error) => isWavsError(error, "http_error"));
  await server.closed;
});
