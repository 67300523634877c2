import assert from "node:assert/strict";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import type { MissedPolicy } from "../missed.ts";
import type { DetectedEvent } from "../types.ts";
import { follow, type Followed, LOG, TOPIC } from "./testing/follow.ts";
import { intervalService, registryOf, watchedService } from "./testing/registry.ts";

const EVERY_THIRD = registryOf([intervalService(1, [{ nBlocks: 3, startBlock: 2n }])]);

function heightsOf(events: readonly DetectedEvent[]): readonly number[] {
  return events.flatMap(({ data }) => data.kind === "BlockInterval" ? [Number(data.blockHeight)] : []);
}

async function delivered({ collector, source }: Followed, height: bigint): Promise<void> {
  await collector.until(`block ${height} was delivered`, () => (source.health().blocks?.delivered ?? -1n) >= height);
}

Deno.test("heights fire as their interval says, one event for each, without a block hash", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain, { registry: EVERY_THIRD });
  for (let block = 0; block < 12; block++) chain.mine();
  await running.collector.expectEvents(4);
  const [event] = running.collector.events;
  assert.deepEqual(heightsOf(running.collector.events), [2, 5, 8, 11]);
  assert.deepEqual(event?.data, { kind: "BlockInterval", chain: "evm:31337", blockHeight: 2n });
  assert.equal(event?.identity, "evm:31337/height/2");
  assert.equal(event?.block, undefined);
});

Deno.test("without a start each interval counts from the first block after it came, over restarts", async () => {
  await using chain = new ScriptedChain();
  chain.mineSilently([], 3);
  const registry = registryOf([intervalService(1, [{ nBlocks: 4 }])]);
  const first = await follow(chain, { registry });
  for (let block = 0; block < 6; block++) chain.mine();
  await delivered(first, 9n);
  await first[Symbol.asyncDispose]();
  assert.deepEqual(heightsOf(first.collector.events), [4, 8]);
  assert.ok(
    first.context.records.some(({ message, fields }) => /without start_block/.test(message) && fields.from === 4n),
  );
  chain.mineSilently([], 100);
  await using second = await follow(chain, { registry, from: first.collector.cursor! });
  await delivered(second, 109n);
  assert.deepEqual(heightsOf(second.collector.events), Array.from({ length: 25 }, (_, index) => 12 + 4 * index));
});

for (
  const [missed, expected] of [
    ["fire_all", [5, 8, 11, 14, 17]],
    ["fire_last", [14, 17]],
    ["skip", [17]],
  ] as const satisfies readonly (readonly [MissedPolicy, readonly number[]])[]
) {
  Deno.test(`after an outage, ${missed} fires ${expected.join(", ")}`, async () => {
    await using chain = new ScriptedChain();
    const first = await follow(chain, { registry: EVERY_THIRD });
    for (let block = 0; block < 3; block++) chain.mine();
    await delivered(first, 3n);
    await first[Symbol.asyncDispose]();
    chain.mineSilently([], 12);
    await using second = await follow(chain, { registry: EVERY_THIRD, from: first.collector.cursor!, missed });
    await delivered(second, 15n);
    for (let block = 0; block < 2; block++) chain.mine();
    await delivered(second, 17n);
    assert.deepEqual(heightsOf(second.collector.events), expected);
  });
}

Deno.test("a height that a reorg replaces keeps its identity, and comes after what its block's logs fire", async () => {
  await using chain = new ScriptedChain();
  const contract = watchedService(2, [{ address: LOG.address, eventHash: TOPIC }]);
  await using running = await follow(chain, {
    registry: registryOf([intervalService(1, [{ nBlocks: 1 }]), contract]),
  });
  chain.mine([LOG]);
  chain.mine([LOG]);
  await running.collector.expectEvents(4);
  assert.deepEqual(running.collector.events.map(({ data }) => data.kind), [
    "EvmContractEvent",
    "BlockInterval",
    "EvmContractEvent",
    "BlockInterval",
  ]);
  chain.rollback(1);
  chain.mine();
  chain.mine();
  await delivered(running, 3n);
  const intervals = running.collector.events.filter(({ data }) => data.kind === "BlockInterval");
  assert.deepEqual([...new Set(intervals.map(({ identity }) => identity))], [
    "evm:31337/height/1",
    "evm:31337/height/2",
    "evm:31337/height/3",
  ]);
});

Deno.test("an interval that a changed definition brought begins where that took over; one that was there goes on", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain, { registry: registryOf([intervalService(1, [{ nBlocks: 2 }])]) });
  for (let block = 0; block < 5; block++) chain.mine();
  await delivered(running, 5n);
  const since = { chain: "evm:31337" as never, blockNumber: 3n };
  const changed = registryOf([intervalService(1, [{ nBlocks: 2 }, { nBlocks: 5 }], { since })], 2);
  await running.source.watch(changed);
  for (let block = 0; block < 3; block++) chain.mine();
  await delivered(running, 8n);
  await running.source.watch(registryOf([], 3));
  for (let block = 0; block < 3; block++) chain.mine();
  await delivered(running, 11n);
  const of = (workflow: string) =>
    heightsOf(running.collector.events.filter(({ workflowId }) => workflowId === workflow));
  assert.deepEqual([of("wf-0"), of("wf-1")], [[1, 3, 5, 7], [3, 8]]);
});
