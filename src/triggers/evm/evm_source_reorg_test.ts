import assert from "node:assert/strict";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import type { Cursor } from "../types.ts";
import { follow, LOG, poll } from "./testing/follow.ts";

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
