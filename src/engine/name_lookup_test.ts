import assert from "node:assert/strict";
import { type GuestCall, runCalls } from "@tests/support/guest_scripts.ts";
import { runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";

const guest = await scriptGuest("sockets");

const NETWORK: GuestCall = ["network = instanceNetwork.instanceNetwork"];

function lookUp(name: string): GuestCall[] {
  return [
    ["addresses = ipNameLookup.resolveAddresses", "$network", name],
    ["addresses.block"],
    ["addresses.resolveNextAddress"],
    ["addresses.resolveNextAddress"],
  ];
}

async function run(calls: readonly GuestCall[], { granted = true, allowPrivateNetworks = true } = {}) {
  await using started = await startEngine({ carrier: "in-thread", allowPrivateNetworks });
  const service = serviceOf({ operator: await started.engine.upload(guest), dnsResolution: granted });
  const results = await runCalls(started.engine, service, ...calls);
  const { report } = await runService(started.engine, service, JSON.stringify(calls));
  return { results, refusals: report?.refusals.get("dns") ?? 0 };
}

Deno.test("a guest resolves a name of this machine", async () => {
  const { results, refusals } = await run([NETWORK, ...lookUp("LOCALHOST")]);
  assert.equal(results[1], "resource");
  const loopbacks = [{ tag: "ipv4", val: [127, 0, 0, 1] }, { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] }];
  assert.ok(loopbacks.some((each) => JSON.stringify(each) === JSON.stringify(results[3])), JSON.stringify(results[3]));
  assert.equal(refusals, 0);
});

Deno.test("an IP address stands for itself", async () => {
  const { results } = await run([NETWORK, ...lookUp("10.1.2.3"), ...lookUp("fe80::1:2")], {
    allowPrivateNetworks: false,
  });
  assert.deepEqual(results.slice(3, 5), [{ tag: "ipv4", val: [10, 1, 2, 3] }, null]);
  assert.deepEqual(results.slice(7), [{ tag: "ipv6", val: [0xfe80, 0, 0, 0, 0, 0, 1, 2] }, null]);
});

Deno.test("without dns_resolution nothing is resolved, not even an address", async () => {
  const names = ["localhost", "127.0.0.1"];
  const calls = names.map((name): GuestCall => ["ipNameLookup.resolveAddresses", "$network", name]);
  const { results, refusals } = await run([NETWORK, ...calls], { granted: false });
  assert.deepEqual(results.slice(1), ["!permanent-resolver-failure", "!permanent-resolver-failure"]);
  assert.equal(refusals, 2);
});

Deno.test("a name that leads to private addresses only cannot be resolved unless the node allows them", async () => {
  const { results, refusals } = await run([NETWORK, ...lookUp("localhost")], { allowPrivateNetworks: false });
  assert.equal(results[3], "!name-unresolvable");
  assert.ok(refusals > 0, "the node counts what it kept to itself");
});

Deno.test("what is no name is refused before anybody is asked", async () => {
  const names = ["", ".", "a..b", "http://x", "a b", "-a.com", "2130706433", "127.1", "0x7f.1", "x".repeat(64)];
  const calls = names.map((name): GuestCall => ["ipNameLookup.resolveAddresses", "$network", name]);
  const { results } = await run([NETWORK, ...calls]);
  assert.deepEqual(results.slice(1), names.map(() => "!invalid-argument"));
});
