import assert from "node:assert/strict";
import { MAX_RPC_ANSWER_BYTES } from "@/chains/limits.ts";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import type { Cursor } from "../types.ts";
import { CONTRACT, follow, LOG, poll, TOPIC } from "./testing/follow.ts";
import { addressOf, registryOf, watchedService } from "./testing/registry.ts";

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
  await running.collector.until("the block was passed", () => running.source.health().blocks?.delivered === chain.head);
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
