import assert from "node:assert/strict";
import type { Service } from "@/domain/mod.ts";
import { serviceOf, startEngine } from "@tests/support/engine.ts";
import { type Operation, performScript, scriptGuest } from "@tests/support/script_guests.ts";
import { MAX_REQUESTS_PER_EXECUTION } from "./egress/limits.ts";
import type { Engine, ExecutionReport } from "./types.ts";

const guest = await scriptGuest("http");

/** What each operation answered, and the execution's report. */
async function perform(engine: Engine, service: Service, ...script: Operation[]) {
  const { answers, report } = await performScript(engine, service, ...script);
  return { answers: answers.map(({ ok, error }) => error ?? ok), report };
}

function told({ logs }: ExecutionReport): string[] {
  return logs.filter(({ stream }) => stream === "node").map(({ message }) => message);
}

/** A server that counts, and sends whoever asks for `/away` to another host. */
function serve() {
  const state = { requests: 0 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    state.requests++;
    const { pathname, port } = new URL(request.url);
    if (pathname === "/away") {
      return new Response(null, { status: 302, headers: { location: `http://[::1]:${port}/` } });
    }
    return new Response("here");
  });
  return Object.assign(state, {
    authority: `127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

Deno.test("a guest reaches the hosts it was granted and is refused all others, which is counted and told", async () => {
  await using server = serve();
  await using started = await startEngine();
  const operator = await started.engine.upload(guest);
  const service = serviceOf({ operator, http: true, hosts: [server.authority, "*.example.com"] });
  const { answers, report } = await perform(
    started.engine,
    service,
    ["send", { authority: server.authority }],
    ["send", { authority: server.authority, path: "/away" }],
    ["send", { authority: "localhost:1" }],
    ["send", { authority: "127.0.0.1:1" }],
    ["send", { authority: "example.com" }],
  );
  const [first, away, ...refused] = answers as [{ body: string }, { status: number }, ...string[]];
  assert.equal(first.body, "here");
  assert.equal(away.status, 302, "a redirect is an answer, and nobody follows it");
  assert.deepEqual(refused, ["!HTTP-request-denied", "!HTTP-request-denied", "!HTTP-request-denied"]);
  assert.equal(server.requests, 2);
  assert.equal(report.refusals.get("http"), 3);
  assert.deepEqual(told(report).map((line) => /the host "([^"]*)"/.exec(line)?.[1]), [
    "localhost:1",
    "127.0.0.1:1",
    "example.com",
  ]);
});

Deno.test("addresses that are not public are refused by default, however they are spelt, and told by name", async () => {
  await using server = serve();
  await using started = await startEngine({ allowPrivateNetworks: false });
  const service = serviceOf({ operator: await started.engine.upload(guest), http: true });
  const port = server.authority.split(":")[1];
  const hosts = ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:7f00:1]", "localhost", "LOCALHOST"];
  const script = hosts.map((host): Operation => ["send", { authority: `${host}:${port}` }]);
  const { answers, report } = await perform(started.engine, service, ...script);
  assert.deepEqual(answers, hosts.map(() => "!HTTP-request-denied"));
  assert.equal(server.requests, 0);
  assert.equal(report.refusals.get("http"), hosts.length);
  assert.match(told(report)[0] ?? "", /"127\.0\.0\.1" is not a public address; see allow_private_networks/);
  assert.match(told(report)[5] ?? "", /"localhost" leads to "(127\.0\.0\.1|::1)", which is not a public address/);
});

Deno.test("requests past the limit and headers that are not the guest's are refused, counted and told", async () => {
  await using server = serve();
  await using started = await startEngine();
  const service = serviceOf({ operator: await started.engine.upload(guest), http: true });
  const count = MAX_REQUESTS_PER_EXECUTION + 4;
  const { answers, report } = await perform(
    started.engine,
    service,
    ["flood", { authority: server.authority }, count],
    ["header", "Host", "other.example"],
    ["header", "x", "a\r\nb: c"],
  );
  const [endings, ...headers] = answers as [unknown[], ...string[]];
  assert.equal(endings.filter((each) => each === "!connection-limit-reached").length, 4);
  assert.deepEqual(headers, ["forbidden", "invalid-syntax"]);
  assert.equal(report.refusals.get("http"), 6);
});
