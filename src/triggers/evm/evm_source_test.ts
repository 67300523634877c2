import assert from "node:assert/strict";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { MAX_RPC_ANSWER_BYTES } from "@/chains/limits.ts";
import { parseBytes32 } from "@/domain/mod.ts";
import type { Cursor } from "../types.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import { createEvmSource } from "./evm_source.ts";
import { decodeCursor } from "./position.ts";
import { SERVICE_URI_UPDATED } from "./service_uri.ts";
import { Collector } from "./testing/collector.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { addressOf, chainConfig, registryOf, serviceIdOf, watchedService } from "./testing/registry.ts";
import { ScriptedChain, type ScriptedLog } from "@/chains/evm/testing/scripted_chain.ts";

const TOPIC = parseBytes32("11".repeat(32));
const CONTRACT = addressOf(1);
const LOG: ScriptedLog = { address: CONTRACT, topics: [TOPIC], data: "0x0102" };
const WATCHED = registryOf([watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }])]);

interface FollowOptions {
  readonly from?: Cursor;
  readonly registry?: typeof WATCHED;
  readonly speed?: number;
  readonly http?: boolean;
}

/** A source on the chain, once it follows it. */
async function follow(chain: ScriptedChain, options: FollowOptions = {}) {
  const context = testContext(options.speed ?? 20);
  const endpoints = options.http ? { httpEndpoint: chain.httpUrl } : { wsEndpoints: [chain.wsUrl] };
  const source = createEvmSource(chainConfig(endpoints), { context });
  const watching = source.watch(options.registry ?? WATCHED);
  const collector = new Collector(source, options.from);
  await watching;
  return { source, collector, context, [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose]() };
}

/** Waits for something that no batch tells of. */
async function poll(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 2_000, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

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

Deno.test("a reorg withdraws its blocks and delivers what took their place", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mine();
  for (let block = 0; block < 3; block++) chain.mine([LOG]);
  await running.collector.expectEvents(3);
  const withdrawn = running.collector.events.map(({ block }) => block?.hash);
  chain.rollback(3);
  chain.mineSilently([LOG], 2);
  chain.announceHead();
  await running.collector.until("the new blocks came", () => running.collector.events.length >= 5);
  assert.deepEqual([...running.collector.orphaned].sort(), [...withdrawn].sort());
  assert.equal(new Set(running.collector.events.map(({ identity }) => identity)).size, 5);
});

Deno.test("a reorg that happened while the source was away is followed", async () => {
  await using chain = new ScriptedChain();
  let cursor: Cursor | undefined;
  {
    await using running = await follow(chain);
    chain.mine([LOG]);
    chain.mine([LOG]);
    await running.collector.expectEvents(2);
    cursor = running.collector.cursor;
  }
  assert.ok(cursor !== undefined);
  chain.rollback(1);
  chain.mineSilently([LOG], 3);
  await using running = await follow(chain, { from: cursor });
  await running.collector.expectEvents(3);
  assert.equal(running.collector.orphaned.length, 1);
});

Deno.test("a reorg deeper than the memory withdraws all of it, goes on from its lowest block and is an error", async () => {
  await using chain = new ScriptedChain();
  chain.mineSilently([], 20);
  await using running = await follow(chain);
  chain.mineSilently([LOG], 80);
  chain.announceHead();
  await running.collector.expectEvents(80);
  chain.rollback(80);
  chain.mineSilently([LOG], 81);
  chain.announceHead();
  // Of the 81 new blocks, those from the lowest one in the memory of 64 blocks on.
  await running.collector.until("the new blocks came", () => running.collector.events.length >= 80 + 65);
  assert.equal(running.collector.orphaned.length, 64);
  assert.equal(running.collector.events.length, 80 + 65);
  assert.ok(running.context.records.some(({ level, message }) => level === "error" && /deeper/.test(message)));
});

Deno.test("a chain that was started anew is followed from near its beginning", async () => {
  let cursor: Cursor | undefined;
  {
    await using chain = new ScriptedChain();
    chain.mineSilently([], 100);
    await using running = await follow(chain);
    cursor = running.collector.cursor;
  }
  assert.ok(cursor !== undefined);
  await using chain = new ScriptedChain();
  chain.mineSilently([LOG], 5);
  await using running = await follow(chain, { from: cursor });
  await running.collector.expectEvents(5);
});

Deno.test("a head that is merely low withdraws nothing", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mine([LOG]);
  chain.mine([LOG]);
  await running.collector.expectEvents(2);
  chain.rollback(1);
  const asked = chain.count("eth_getBlockByNumber");
  chain.announce("logs", {});
  await poll(() => chain.count("eth_getBlockByNumber") > asked);
  chain.announceHead();
  assert.deepEqual(running.collector.orphaned, []);
  chain.mineSilently([LOG]);
  chain.mine([LOG]);
  await running.collector.until("the next block came", () => running.collector.events.length >= 4);
  assert.equal(running.collector.orphaned.length, 1);
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

Deno.test("an endpoint that stops answering is left when its heartbeat is overdue", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain, { speed: 50 });
  chain.intercept = () => ({ silence: true });
  await poll(() => !running.source.health().connected);
  chain.intercept = undefined;
  chain.mineSilently([LOG]);
  await running.collector.expectEvents(1);
  assert.match(
    String(running.context.records.find(({ message }) => /lost/.test(message))?.fields.error),
    /eth_blockNumber/,
  );
});

Deno.test("logs that a reorg removed or that are in no block fire nothing and stop nothing", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const lie = { address: CONTRACT, topics: [TOPIC], data: "0x", logIndex: "0x0", transactionIndex: "0x0" };
  chain.intercept = (method) =>
    method === "eth_getLogs" ? { result: [{ ...lie, removed: true }, { ...lie, blockHash: null }] } : undefined;
  chain.mine([LOG]);
  await running.collector.until("the block was passed", () => running.source.health().delivered === chain.head);
  chain.intercept = undefined;
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
  assert.equal(running.context.records.filter(({ message }) => message === "Log dropped").length, 2);
});

Deno.test("a repeated log fires once", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mineSilently([LOG]);
  let repeated: unknown[] = [];
  chain.intercept = (method, params) => {
    if (method !== "eth_getLogs") return undefined;
    const { blockHash } = params[0] as { blockHash: string };
    const log = {
      ...LOG,
      blockHash,
      blockNumber: "0x1",
      logIndex: "0x0",
      transactionIndex: "0x0",
      transactionHash: TOPIC,
      blockTimestamp: "0x65000000",
    };
    repeated = [log, log, log];
    return { result: repeated };
  };
  chain.announceHead();
  await running.collector.expectEvents(1);
  const [event] = running.collector.events;
  assert.ok(event?.data.kind === "EvmContractEvent");
  assert.equal(event.data.blockTimestamp, 0x65000000n);
});

const LIES: Readonly<Record<string, unknown>> = {
  "null": null,
  "a string": "0x",
  "logs that are no objects": [1, 2],
  "a log of another block": [{
    ...LOG,
    blockHash: TOPIC,
    blockNumber: "0xff",
    logIndex: "0x0",
    transactionIndex: "0x0",
    transactionHash: TOPIC,
  }],
  "a log with a malformed address": [{
    ...LOG,
    address: "0x12",
    blockHash: TOPIC,
    blockNumber: "0x1",
    logIndex: "0x0",
    transactionIndex: "0x0",
    transactionHash: TOPIC,
  }],
};

for (const [name, lie] of Object.entries(LIES)) {
  Deno.test(`an endpoint that answers a query for logs with ${name} is left, and nothing is lost`, async () => {
    await using chain = new ScriptedChain();
    await using running = await follow(chain);
    let lies = 0;
    chain.intercept = (method) => method === "eth_getLogs" && lies++ < 2 ? { result: lie } : undefined;
    chain.mine([LOG]);
    await running.collector.expectEvents(1);
    assert.equal(lies, 3);
  });
}

Deno.test("announcements of any shape are survived", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  for (const garbage of [null, 1, "x", [], {}, { number: "0xzz", hash: "0x", parentHash: 1 }, { number: "0x1" }]) {
    chain.announce("newHeads", garbage);
    chain.announce("logs", garbage);
  }
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
});

Deno.test("text that is no JSON-RPC ends the connection, not the source", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  for (const garbage of ["", "{", "[]", "null", '{"id":"x"}', '{"method":"eth_subscription"}', new Uint8Array(4)]) {
    chain.sendRaw(garbage);
    chain.mine([LOG]);
    const expected = Number(chain.head);
    await running.collector.until(`block ${expected} came`, () => running.collector.events.length >= expected);
  }
  await running.collector.expectEvents(7);
});

Deno.test("an answer that is too long is asked for in pieces", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const second = addressOf(2);
  const registry = registryOf([
    watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }, { address: second, eventHash: TOPIC }]),
  ], 2);
  await running.source.watch(registry);
  const huge = " ".repeat(MAX_RPC_ANSWER_BYTES + 1);
  chain.intercept = (method, params) =>
    method === "eth_getLogs" && (params[0] as { address: string[] }).address.includes(CONTRACT) &&
      (params[0] as { address: string[] }).address.includes(second)
      ? { raw: huge }
      : undefined;
  chain.mine([LOG, { ...LOG, address: second }]);
  await running.collector.expectEvents(2);
});

Deno.test("a range that a provider finds too large is halved until it fits", async () => {
  await using chain = new ScriptedChain();
  let cursor: Cursor | undefined;
  {
    await using running = await follow(chain);
    cursor = running.collector.cursor;
  }
  assert.ok(cursor !== undefined);
  chain.mineSilently([LOG], 500);
  let refusals = 0;
  chain.intercept = (method, params) => {
    if (method !== "eth_getLogs") return undefined;
    const { fromBlock, toBlock } = params[0] as { fromBlock?: string; toBlock?: string };
    if (fromBlock === undefined || Number(toBlock) - Number(fromBlock) < 50) return undefined;
    refusals++;
    return { error: { code: -32_005, message: "query returned more than 10000 results" } };
  };
  await using running = await follow(chain, { from: cursor });
  await running.collector.expectEvents(500);
  assert.ok(refusals > 0 && refusals < 40, `refused ${refusals} times`);
});

Deno.test("a block that the answering node does not have yet is waited for", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  let lagging = 2;
  chain.intercept = (method) =>
    method === "eth_getLogs" && lagging-- > 0 ? { error: { code: -32_000, message: "unknown block" } } : undefined;
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
  assert.equal(chain.count("eth_subscribe"), 2);
});

Deno.test("a service that comes while the source runs gets every event after that, once", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const second = { ...LOG, address: addressOf(2) };
  chain.mine([second]);
  await running.collector.until("the block was passed", () => running.source.health().delivered === chain.head);
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
  await running.collector.until("the block was passed", () => running.source.health().delivered === chain.head);
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

Deno.test("an endpoint that refuses subscriptions is asked for its head instead", async () => {
  await using chain = new ScriptedChain();
  chain.intercept = (method) =>
    method === "eth_subscribe" ? { error: { code: -32_601, message: "notifications not supported" } } : undefined;
  await using running = await follow(chain);
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
  assert.deepEqual(running.source.stream().subscriptions, []);
});

Deno.test("an endpoint of another chain is not followed", async () => {
  await using other = new ScriptedChain({ chainId: 1 });
  await using running = await follow(other);
  assert.equal(running.source.health().connected, false);
  assert.match(String(running.source.health().lastError), /chain "1", not "31337"/);
});

Deno.test("the preferred endpoint is where a source starts and where it returns to", async () => {
  await using fallback = new ScriptedChain();
  await using preferred = new ScriptedChain();
  const context = testContext(50);
  const source = createEvmSource(
    chainConfig({ wsEndpoints: [fallback.wsUrl, preferred.wsUrl], wsPriorityEndpointIndex: 1 }),
    { context },
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
    () => createEvmSource(chainConfig(), { context: testContext() }),
    /"chains\.evm\.31337" has neither "ws_endpoints" nor "http_endpoint"/,
  );
});
