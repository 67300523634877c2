import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import type { HttpExchange, HttpRequest } from "../wasi/http_backend.ts";
import { openExchange } from "./exchange.ts";
import { MAX_RESPONSE_BODY_BYTES, MAX_RESPONSE_HEADER_BYTES } from "./limits.ts";
import { startRawServer } from "./testing/raw_server.ts";
import { assertHttpError, createManualClock, readText, requestTo } from "./testing/requests.ts";
import { SELF_SIGNED_CERTIFICATE } from "./testing/self_signed_certificate.ts";

const EMPTY_ANSWER = "HTTP/1.1 204 No Content\r\n\r\n";

function open(request: HttpRequest, clock = systemClock): HttpExchange & Disposable {
  const exchange = openExchange(request, { allowPrivateNetworks: true }, { clock });
  return Object.assign(exchange, { [Symbol.dispose]: () => exchange.cancel() });
}

function serve(handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("an exchange answers status, headers and body as they came", async () => {
  const body = "hello";
  await using server = startRawServer(
    `HTTP/1.1 418 Teapot\r\nX-Twice: a\r\nX-Twice: b\r\nConnection: close\r\nContent-Length: 5\r\n\r\n${body}`,
  );
  using exchange = open(requestTo(server.url));
  const { status, headers } = await exchange.response();
  assert.equal(status, 418);
  const texts = headers.map(([name, value]) => [name, new TextDecoder().decode(value)]);
  assert.deepEqual(texts, [["x-twice", "a"], ["x-twice", "b"], ["content-length", "5"]]);
  assert.equal(await readText(exchange), body);
});

Deno.test("a request carries the guest's headers byte for byte and invents only those of the connection", async () => {
  await using server = startRawServer(EMPTY_ANSWER);
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte >= 32 && byte !== 127);
  using exchange = open(requestTo(`${server.url}a?b=%20c`, { headers: [["x-bytes", value]] }));
  const [requestLine, ...lines] = (await server.received()).trimEnd().split("\r\n");
  assert.equal(requestLine, "GET /a?b=%20c HTTP/1.1");
  assert.deepEqual(lines.map((line) => line.split(":")[0]?.toLowerCase()).sort(), ["connection", "host", "x-bytes"]);
  assert.ok(lines.includes(`x-bytes: ${String.fromCharCode(...value)}`), lines.join("\n"));
  await exchange.response();
});

Deno.test("a host header of the guest's own is not sent", async () => {
  await using server = startRawServer(EMPTY_ANSWER);
  using exchange = open(requestTo(server.url, { headers: [["Host", new TextEncoder().encode("other.example")]] }));
  const sent = await server.received();
  assert.ok(!sent.includes("other.example"), sent);
  await exchange.response();
});

Deno.test("a body without a length is sent in chunks, one with a length is sent as it is", async () => {
  const cases = [
    { headers: [], until: "0\r\n\r\n", expected: /transfer-encoding: chunked\r\n[^]*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/ },
    {
      headers: [["content-length", new TextEncoder().encode("5")]] as const,
      until: "hello",
      expected: /\r\n\r\nhello$/,
    },
  ];
  for (const { headers, until, expected } of cases) {
    await using server = startRawServer(EMPTY_ANSWER, { close: false });
    using exchange = open(requestTo(server.url, { method: "POST", body: "stream", headers }));
    await exchange.write(new TextEncoder().encode("hello"));
    await exchange.finish();
    assert.match(await server.received(until), expected);
  }
});

Deno.test("a body streams both ways at once", async () => {
  await using server = serve((request) => new Response(request.body));
  using exchange = open(requestTo(server.url, { method: "POST", body: "stream" }));
  const decoder = new TextDecoder();
  for (const word of ["one", "two", "three"]) {
    await exchange.write(new TextEncoder().encode(word));
    assert.equal(decoder.decode(await exchange.read(100)), word);
  }
  await exchange.finish();
  assert.equal(await exchange.read(100), undefined);
});

Deno.test("a read answers no more than was asked for, in a buffer of that size", async () => {
  await using server = serve(() => new Response("abcdefg"));
  using exchange = open(requestTo(server.url));
  const chunk = await exchange.read(3);
  assert.equal(chunk?.length, 3);
  assert.equal(chunk.buffer.byteLength, 3);
  assert.equal(await readText(exchange, 3), "defg");
});

Deno.test("a redirect is an answer like any other", async () => {
  let requests = 0;
  await using server = serve(() => {
    requests++;
    return new Response(null, { status: 302, headers: { location: "/elsewhere" } });
  });
  using exchange = open(requestTo(server.url));
  const { status, headers } = await exchange.response();
  assert.equal(status, 302);
  assert.equal(new TextDecoder().decode(headers.find(([name]) => name === "location")?.[1]), "/elsewhere");
  assert.equal(await exchange.read(10), undefined);
  assert.equal(requests, 1);
});

Deno.test("a compressed body stays compressed", async () => {
  const zipped = await new Response(new Blob(["text"]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  await using server = serve(() => new Response(zipped, { headers: { "content-encoding": "gzip" } }));
  using exchange = open(requestTo(server.url));
  assert.deepEqual(await exchange.read(1000), zipped);
});

Deno.test("an address that is not public is refused, as a literal and behind a name", async () => {
  let requests = 0;
  await using server = serve(() => {
    requests++;
    return new Response();
  });
  const { port } = new URL(server.url);
  for (const host of ["127.0.0.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]) {
    await assertHttpError(async () => {
      const exchange = openExchange(
        requestTo(`http://${host}:${port}/`),
        { allowPrivateNetworks: false },
        { clock: systemClock },
      );
      await exchange.response();
    }, "HTTP-request-denied");
  }
  assert.equal(requests, 0);
});

Deno.test("a name is resolved and connected when private networks are allowed", async () => {
  await using server = serve(() => new Response("here"));
  using exchange = open(requestTo(server.url.replace("127.0.0.1", "localhost")));
  assert.equal(await readText(exchange), "here");
});

Deno.test("a port where nobody listens refuses the connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  using exchange = open(requestTo(`http://127.0.0.1:${listener.addr.port}/`));
  await assertHttpError(exchange.response(), "connection-refused");
});

Deno.test("requests that cannot be sent name what is wrong with them", async () => {
  const cases: readonly (readonly [Partial<HttpRequest> & { readonly url?: string }, string])[] = [
    [{ url: "ftp://127.0.0.1/" }, "HTTP-protocol-error"],
    [{ url: "http://[/" }, "HTTP-request-URI-invalid"],
    [{ method: "G T" }, "HTTP-request-method-invalid"],
    [{ method: "CONNECT" }, "HTTP-request-method-invalid"],
    [{ headers: [["x", new Uint8Array([10])]] }, "HTTP-protocol-error"],
  ];
  for (const [changes, code] of cases) {
    await assertHttpError(() => open(requestTo("http://127.0.0.1:9/", changes)), code);
  }
});

Deno.test("answers that are no HTTP, too long or cut short name what is wrong with them", async () => {
  const long = `HTTP/1.1 200 OK\r\nx: ${"a".repeat(MAX_RESPONSE_HEADER_BYTES)}\r\n\r\n`;
  const cases = [
    ["SSH-2.0-OpenSSH\r\n", "HTTP-protocol-error"],
    [long, "HTTP-response-header-section-size"],
    ["HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", "HTTP-upgrade-failed"],
    ["HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhi", "connection-terminated"],
  ] as const;
  for (const [answer, code] of cases) {
    await using server = startRawServer(answer);
    using exchange = open(requestTo(server.url));
    await assertHttpError(readText(exchange), code);
  }
});

Deno.test("a body larger than the limit ends the exchange", async () => {
  const chunk = new Uint8Array(1024 * 1024);
  await using server = serve(() => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(chunk) })));
  using exchange = open(requestTo(server.url));
  let received = 0;
  await assertHttpError(async () => {
    for (let bytes = await exchange.read(1 << 20); bytes !== undefined; bytes = await exchange.read(1 << 20)) {
      received += bytes.length;
    }
  }, "HTTP-response-body-size");
  assert.ok(received <= MAX_RESPONSE_BODY_BYTES, `${received} bytes`);
});

Deno.test("each phase has a timeout of its own", async () => {
  const timeouts = { connectMs: 1, firstByteMs: 2, betweenBytesMs: 3 };
  {
    // The sleep ends before the event loop gets to the connection.
    const clock = createManualClock();
    using exchange = open(requestTo("http://127.0.0.1:9/", { timeouts }), clock);
    clock.passAll(timeouts.connectMs);
    await assertHttpError(exchange.response(), "connection-timeout");
  }
  {
    const clock = createManualClock();
    await using server = startRawServer("");
    using exchange = open(requestTo(server.url, { timeouts }), clock);
    await server.received();
    const response = exchange.response();
    clock.passAll(timeouts.firstByteMs);
    await assertHttpError(response, "HTTP-response-timeout");
  }
  {
    const clock = createManualClock();
    await using server = startRawServer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi", { close: false });
    using exchange = open(requestTo(server.url, { timeouts }), clock);
    assert.equal((await exchange.read(9))?.length, 2);
    const rest = exchange.read(9);
    clock.passAll(timeouts.betweenBytesMs);
    await assertHttpError(rest, "connection-read-timeout");
  }
});

Deno.test("a connection that was made in time is not cut by its connect timeout", async () => {
  const clock = createManualClock();
  await using server = serve(() => new Response("slow"));
  using exchange = open(
    requestTo(server.url, { timeouts: { connectMs: 1, firstByteMs: 2, betweenBytesMs: 3 } }),
    clock,
  );
  await exchange.response();
  clock.passAll(1);
  assert.equal(await readText(exchange), "slow");
});

Deno.test("cancelling closes the connection and fails what is under way", async () => {
  await using server = startRawServer("");
  const exchange = open(requestTo(server.url));
  await server.received();
  const response = exchange.response();
  exchange.cancel();
  await assertHttpError(response, "connection-terminated");
  await assertHttpError(exchange.write(new Uint8Array(1)), "connection-terminated");
  await server.closed;
});

Deno.test("cancelling before the connection is made fails the response", async () => {
  const exchange = open(requestTo("http://127.0.0.1:9/"));
  exchange.cancel();
  await assertHttpError(exchange.response(), "connection-terminated");
});

Deno.test("a server whose certificate nobody vouches for is not talked to", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...SELF_SIGNED_CERTIFICATE },
    () => new Response(),
  );
  using exchange = open(requestTo(`https://localhost:${server.addr.port}/`));
  await assertHttpError(exchange.response(), "TLS-certificate-error");
  await server.shutdown();
});
