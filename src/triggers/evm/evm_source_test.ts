import assert from "node:assert/strict";
import { testContext } from "@/chains/evm/testing/context.ts";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import type { Cursor } from "../types.ts";
import { createEvmSource } from "./evm_source.ts";
import { decodeCursor } from "./position.ts";
import { Collector } from "../testing/collector.ts";
import { follow, LOG, poll, TOPIC, WATCHED } from "./testing/follow.ts";
import { addressOf, chainConfig, nothingRecorded } from "./testing/registry.ts";

Deno.test("a log becomes an event with every field that its id is made of", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mine([{ address: addressOf(9), topics: [TOPIC] }, LOG]);
  await running.collector.expectEvents(1);
  const [event] = running.collector.events;
  assert.ok(event?.data.kind === "EvmContractEvent" && event.block !== undefined);
  assert.equal(event.data.blockNumber, 1n);
  assert.equal(event.data.logIndex, 1n);
  assert.equal(event.data.txIndex, 1n);
  assert.equal(event.data.blockTimestamp, undefined);
  assert.deepEqual(event.data.logData, { topics: [TOPIC], data: new Uint8Array([1, 2]) });
  assert.equal(event.identity, `evm:31337/${event.block.hash}/1`);
});

Deno.test("blocks nobody announced are found with the next one that is", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mineSilently([LOG], 20);
  chain.mine([LOG]);
  await running.collector.expectEvents(21);
});

Deno.test("a source that was away goes on from its cursor, over ranges and single blocks", async () => {
  await using chain = new ScriptedChain();
  chain.mineSilently([LOG], 3);
  let cursor: Cursor | undefined;
  {
    await using running = await follow(chain);
    chain.mine([LOG]);
    await running.collector.expectEvents(1);
    cursor = running.collector.cursor;
  }
  assert.ok(cursor !== undefined);
  chain.mineSilently([LOG], 200);
  await using running = await follow(chain, { from: cursor });
  await running.collector.expectEvents(200);
  assert.deepEqual(running.collector.orphaned, []);
});

Deno.test("a connection that ends is opened again without loss or double", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  for (let round = 0; round < 3; round++) {
    chain.mine([LOG]);
    chain.disconnect();
    chain.mineSilently([LOG]);
  }
  await running.collector.expectEvents(6);
  assert.ok(chain.count("eth_subscribe") >= 4);
});

Deno.test("a slow consumer holds the source up and still gets everything", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const release = running.collector.hold();
  chain.mine([LOG]);
  for (let block = 0; block < 100; block++) chain.mine([LOG]);
  await poll(() => chain.count("eth_getLogs") > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(chain.count("eth_getLogs") <= 8, "the source read ahead of its consumer");
  release();
  await running.collector.expectEvents(101);
});

Deno.test("a block with more events than a batch holds goes over in several, its cursor with the last", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const count = 2 * MAX_EVENTS_PER_BATCH + 1;
  chain.mine(Array.from({ length: count }, () => LOG));
  await running.collector.expectEvents(count);
  const batches = running.collector.batches.filter(({ events }) => events.length > 0);
  assert.deepEqual(batches.map(({ cursor }) => decodeCursor(cursor).next), [1n, 1n, 2n]);
  assert.deepEqual(
    running.collector.events.map(({ data }) => data.kind === "EvmContractEvent" && Number(data.logIndex)),
    Array.from({ length: count }, (_, index) => index),
  );
});

Deno.test("a chain with only an HTTP endpoint is followed by polling", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain, { http: true });
  chain.mineSilently([LOG], 3);
  await running.collector.expectEvents(3);
  assert.equal(running.source.stream().isConnected, true);
});

Deno.test("the preferred endpoint is where a source starts and where it returns to", async () => {
  await using fallback = new ScriptedChain();
  await using preferred = new ScriptedChain();
  const context = testContext(50);
  const source = createEvmSource(
    {
      config: chainConfig({ wsEndpoints: [fallback.wsUrl, preferred.wsUrl], wsPriorityEndpointIndex: 1 }),
      missed: "fire_all",
    },
    { context, recordedBlocks: nothingRecorded },
  );
  const watching = source.watch(WATCHED);
  await using _collector = new Collector(source);
  await watching;
  assert.equal(source.health().endpoint, preferred.wsUrl);
  preferred.intercept = () => ({ error: { code: -1, message: "out of order" } });
  preferred.disconnect();
  await poll(() => source.health().endpoint === fallback.wsUrl);
  preferred.intercept = undefined;
  await poll(() => source.health().endpoint === preferred.wsUrl);
});

Deno.test("a chain without any endpoint is refused with the setting that is missing", () => {
  assert.throws(
    () =>
      createEvmSource({ config: chainConfig(), missed: "fire_all" }, {
        context: testContext(),
        recordedBlocks: nothingRecorded,
      }),
    /"chains\.evm\.31337" has neither "ws_endpoints" nor "http_endpoint"/,
  );
});
