import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import { openLink } from "@/link/mod.ts";
import { type EgressApi, startEgress } from "./mod.ts";
import { assertHttpError, requestTo } from "./testing/requests.ts";

const SILENT: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  trace: () => {},
  child: () => SILENT,
};

async function start(allowPrivateNetworks: boolean) {
  const context = createContext({ log: SILENT, signal: new AbortController().signal });
  const egress = await startEgress(
    { allowPrivateNetworks, ipfsGateway: "http://127.0.0.1:9/ipfs/", logLevel: "error" },
    context,
  );
  const { port1, port2 } = new MessageChannel();
  await egress.attach(port2);
  const link = openLink<EgressApi, object>({ name: "test → egress" }, { port: port1, handlers: {} });
  return {
    fetchBytes: egress.fetchBytes,
    remote: link.remote,
    [Symbol.dispose]() {
      link.close();
      egress.close();
    },
  };
}

function serveEcho() {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => new Response(request.body ?? "nothing sent"),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("the worker carries bodies both ways over an attached port", async () => {
  await using server = serveEcho();
  using egress = await start(true);
  const request = requestTo(server.url, { method: "POST", body: "stream" });
  const exchange = 1;
  await egress.remote.open({ job: 1, exchange, allowedHosts: { kind: "all" }, request });
  await egress.remote.write({ exchange, chunk: new TextEncoder().encode("ping") });
  assert.equal((await egress.remote.response(exchange)).status, 200);
  const chunk = await egress.remote.read({ exchange, maxBytes: 100 });
  assert.equal(new TextDecoder().decode(chunk?.bytes), "ping");
  await egress.remote.finish(exchange);
  assert.equal(await egress.remote.read({ exchange, maxBytes: 100 }), undefined);
});

Deno.test("the code of a refusal crosses from the worker", async () => {
  await using server = serveEcho();
  using egress = await start(false);
  const open = egress.remote.open({
    job: 1,
    exchange: 1,
    allowedHosts: { kind: "all" },
    request: requestTo(server.url),
  });
  await assertHttpError(open, "HTTP-request-denied");
});

Deno.test("the worker fetches for the node itself", async () => {
  await using server = serveEcho();
  using egress = await start(true);
  const { bytes } = await egress.fetchBytes({ uri: server.url, maxBytes: 100, timeoutMs: 60_000 });
  assert.equal(new TextDecoder().decode(bytes), "nothing sent");
});
