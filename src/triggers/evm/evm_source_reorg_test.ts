import assert from "node:assert/strict";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import type { Cursor } from "../types.ts";
import type { RecordedBlocks } from "./follower.ts";
import { follow, type Followed, LOG, poll } from "./testing/follow.ts";
import { CHAIN } from "./testing/registry.ts";

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

/** What a journal would answer: blocks of the events that came so far. */
function recordedBlocks(of: () => Followed): RecordedBlocks {
  return (above) => {
    const blocks = of().collector.events.flatMap(({ block }) => block === undefined ? [] : [block]);
    return Promise.resolve(blocks.filter(({ number }) => number > above));
  };
}

Deno.test("a reorg deeper than the ring withdraws what it took, and reads again from a block that stayed", async () => {
  await using chain = new ScriptedChain();
  chain.mineSilently([], 20);
  await using running: Followed = await follow(chain, { recordedBlocks: recordedBlocks(() => running) });
  chain.mineSilently([LOG], 400);
  chain.announceHead();
  await running.collector.expectEvents(400);
  chain.rollback(300);
  chain.mineSilently([LOG], 301);
  chain.announceHead();
  const standing = () => running.collector.standing.length;
  await running.collector.until(
    "the new blocks came",
    () => standing() === 401 && running.collector.orphaned.length > 0,
  );
  assert.deepEqual(
    new Set(running.collector.standing),
    new Set(chain.logs.map(({ blockHash, logIndex }) => `${CHAIN}/${blockHash}/${logIndex}`)),
  );
  assert.ok(!running.context.records.some(({ level }) => level === "error"));
});

Deno.test("a reorg below everything remembered withdraws what is recorded, goes on from the lowest block and is an error", async () => {
  await using chain = new ScriptedChain();
  chain.mineSilently([], 20);
  await using running: Followed = await follow(chain, { recordedBlocks: recordedBlocks(() => running) });
  chain.mineSilently([LOG], 80);
  chain.announceHead();
  await running.collector.expectEvents(80);
  chain.rollback(85);
  chain.mineSilently([LOG], 90);
  chain.announceHead();
  // Of the 90 new blocks, those from the one on where this source began.
  await running.collector.until("the new blocks came", () => running.collector.events.length >= 80 + 86);
  assert.equal(running.collector.events.length, 80 + 86);
  assert.equal(running.collector.standing.length, 86);
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
