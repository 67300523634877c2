import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import { openExchange } from "./exchange.ts";
import { refusePrivatePeer, type ResolvedAddress, type ResolveName } from "./resolve.ts";
import { assertHttpError, readText, requestTo } from "./testing/requests.ts";

/** A resolver that gives each answer once, in order, as one that rebinds a name does. */
function rebindingResolver(...answers: string[][]): ResolveName & { asked: number } {
  const resolve = () => {
    const addresses = (answers[resolve.asked++] ?? []).map((address): ResolvedAddress => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    return Promise.resolve(addresses);
  };
  resolve.asked = 0;
  return resolve;
}

function serveCounted() {
  const state = { requests: 0 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    state.requests++;
    return new Response("here");
  });
  return Object.assign(state, { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() });
}

Deno.test("the address that was looked up is the one connected to, and nobody is asked again", async () => {
  await using server = serveCounted();
  const resolve = rebindingResolver(["127.0.0.1"], ["192.0.2.1"]);
  const request = requestTo(`http://no-such-name.test:${server.port}/`);
  const exchange = openExchange(request, { allowPrivateNetworks: true }, { clock: systemClock, resolve });
  assert.equal(await readText(exchange), "here");
  assert.equal(resolve.asked, 1);
});

Deno.test("a name that leads to addresses of which none is public is refused, with name and address", async () => {
  await using server = serveCounted();
  for (const addresses of [["127.0.0.1"], ["10.0.0.1", "::1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], []]) {
    const resolve = rebindingResolver(addresses);
    const request = requestTo(`http://rebound.test:${server.port}/`);
    const exchange = openExchange(request, { allowPrivateNetworks: false }, { clock: systemClock, resolve });
    await assertHttpError(exchange.response(), "HTTP-request-denied");
    await assert.rejects(exchange.response(), /"rebound\.test" leads to ".+", which is not a public address/);
  }
  assert.equal(server.requests, 0);
});

Deno.test("what a socket is connected to must be public, too", async () => {
  const policy = { allowPrivateNetworks: false };
  for (const peer of ["127.0.0.1", "::1", "fe80::1", undefined]) {
    await assertHttpError(() => refusePrivatePeer("name.test", peer, policy), "HTTP-request-denied");
  }
  refusePrivatePeer("name.test", "1.1.1.1", policy);
  refusePrivatePeer("name.test", "127.0.0.1", { allowPrivateNetworks: true });
});
