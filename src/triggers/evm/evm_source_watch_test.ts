import assert from "node:assert/strict";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import { decodeCursor } from "./position.ts";
import { SERVICE_URI_UPDATED } from "./service_uri.ts";
import { CONTRACT, follow, LOG, TOPIC } from "./testing/follow.ts";
import { addressOf, chainConfig, registryOf, serviceIdOf, watchedService } from "./testing/registry.ts";

Deno.test("a service that comes while the source runs gets every event after that, once", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const second = { ...LOG, address: addressOf(2) };
  chain.mine([second]);
  await running.collector.until("the block was passed", () => running.source.health().blocks?.delivered === chain.head);
  await running.source.watch(registryOf([
    watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }]),
    watchedService(2, [{ address: second.address, eventHash: TOPIC }]),
  ], 2));
  chain.mine([LOG, second]);
  await running.collector.expectEvents(2);
  assert.deepEqual(running.collector.events.map(({ serviceId }) => serviceId), [serviceIdOf(1), serviceIdOf(2)]);
  const [, logs] = running.source.stream().subscriptions;
  assert.ok(logs?.kind === "logs" && logs.addresses.includes(second.address));
});

Deno.test("what a changed definition missed is caught up for its new triggers only, and only once", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const second = { ...LOG, address: addressOf(2) };
  for (let block = 0; block < 4; block++) chain.mine([LOG, second]);
  await running.collector.expectEvents(4);
  const since = { chain: chainConfig().key, blockNumber: 3n };
  const changed = registryOf([
    watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }, { address: second.address, eventHash: TOPIC }], {
      since,
    }),
  ], 2);
  await running.source.watch(changed);
  chain.mine([LOG, second]);
  await running.collector.expectEvents(4 + 2 + 2);
  await running.source.watch({ ...changed, revision: 3 });
  chain.mine([LOG, second]);
  await running.collector.expectEvents(10);
  const { cursor } = running.collector;
  assert.ok(cursor !== undefined);
  assert.equal(decodeCursor(cursor).caughtUp.get(serviceIdOf(1)), 3n);
});

Deno.test("a removed service gets nothing any more, a paused one does", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  await running.source.watch(
    registryOf([watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }], { status: "paused" })], 2),
  );
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
  await running.source.watch(registryOf([], 3));
  chain.mine([LOG]);
  await running.collector.until("the block was passed", () => running.source.health().blocks?.delivered === chain.head);
  assert.equal(running.collector.events.length, 1);
});

Deno.test("managers are watched even without workflows, and announced URIs that are garbage are ignored", async () => {
  await using chain = new ScriptedChain();
  const manager = addressOf(7);
  await using running = await follow(chain, { registry: registryOf([watchedService(1, [], { manager })]) });
  const uri = encodeAbiParameters(parseAbiParameters("string"), ["https://example.com/service.json"]);
  const announced = (data: string) => ({ address: manager, topics: [SERVICE_URI_UPDATED], data });
  chain.mine([announced("0x"), announced(`0x${"ff".repeat(96)}`), announced(uri)]);
  await running.collector.until("the change came", () => running.collector.uriChanges.length > 0);
  assert.deepEqual(running.collector.uriChanges.map(({ uri, blockNumber }) => [uri, blockNumber]), [
    ["https://example.com/service.json", 1n],
  ]);
  assert.equal(running.context.records.filter(({ message }) => /URI ignored/.test(message)).length, 2);
  const logs = running.source.stream().subscriptions.find(({ kind }) => kind === "logs");
  assert.ok(logs?.kind === "logs" && logs.addresses.includes(manager));
});
