import assert from "node:assert/strict";
import { parseEvmAddress } from "@/domain/mod.ts";
import { createEvmSource } from "@/triggers/evm/evm_source.ts";
import { Collector } from "@/triggers/testing/collector.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { chainConfig, nothingRecorded, registryOf, watchedService } from "@/triggers/evm/testing/registry.ts";
import type { Cursor } from "@/triggers/mod.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import { connectOwner, deployContracts, setServiceUri } from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { LogSpammer, SPAM } from "@tests/support/log_spammer.ts";
import { Relay } from "@tests/support/relay.ts";

interface FollowOptions {
  readonly from?: Cursor | undefined;
  readonly speed?: number;
  readonly urls?: readonly string[];
  readonly priority?: number;
}

async function follow(anvil: Anvil, spammer: LogSpammer, options: FollowOptions = {}) {
  const config = chainConfig({ wsEndpoints: options.urls ?? [anvil.wsUrl], wsPriorityEndpointIndex: options.priority });
  const source = createEvmSource({ config, missed: "fire_all" }, {
    context: testContext(options.speed ?? 5),
    recordedBlocks: nothingRecorded,
  });
  const trigger = { address: parseEvmAddress(spammer.contract), eventHash: SPAM };
  const watching = source.watch(registryOf([watchedService(1, [trigger])]));
  const collector = new Collector(source, options.from);
  await watching;
  return { source, collector, [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose]() };
}

/** Waits for something that no batch tells of. */
async function poll(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !await condition(); tries++) {
    assert.ok(tries < 500, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function expectCanonical(collector: Collector, spammer: LogSpammer): Promise<void> {
  const expected = String(await spammer.canonical());
  await collector.until("what stands is what is in the chain", () => String(collector.standing) === expected);
}

Deno.test("every log of a busy chain is delivered once, also from blocks with two thousand of them", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  await using running = await follow(anvil, spammer);
  for (let block = 0; block < 20; block++) await spammer.emit(3);
  await spammer.emit(2_000);
  await running.collector.expectEvents(2_060);
  await expectCanonical(running.collector, spammer);
});

/** The height anvil has written to its state file; it may be writing just now. */
function writtenHeight(path: string): bigint | undefined {
  try {
    return BigInt(
      (JSON.parse(Deno.readTextFileSync(path)) as { best_block_number: string | number }).best_block_number,
    );
  } catch {
    return undefined;
  }
}

Deno.test("a chain that is killed and comes back with more blocks loses and doubles nothing", async () => {
  const directory = await Deno.makeTempDir();
  const port = freePort();
  const options = { port, args: ["--state", `${directory}/state.json`, "--state-interval", "1"] };
  let anvil = await startAnvil(options);
  try {
    const spammer = await LogSpammer.deploy(anvil);
    await using running = await follow(anvil, spammer);
    for (let block = 0; block < 5; block++) await spammer.emit();
    await running.collector.expectEvents(5);
    // What a killed chain forgot is a rollback, which is another test; so it is killed right after it wrote everything.
    const height = await connectOwner(anvil).reader.getBlockNumber({ cacheTime: 0 });
    await poll(() => writtenHeight(`${directory}/state.json`) === height);
    await anvil.stop("SIGKILL");
    anvil = await startAnvil(options);
    for (let block = 0; block < 5; block++) await spammer.emit(2);
    await expectCanonical(running.collector, spammer);
    await running.collector.expectEvents(15);
  } finally {
    await anvil.stop("SIGKILL");
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a connection that hangs half-open is noticed, and what happened meanwhile is delivered", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  await using running = await follow(anvil, spammer, { speed: 20 });
  await spammer.emit();
  await running.collector.expectEvents(1);
  anvil.pause();
  await poll(() => !running.source.health().connected);
  anvil.resume();
  await spammer.emit();
  await running.collector.expectEvents(2);
});

Deno.test("a reorg withdraws what it removed and delivers what it brought", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  await using running = await follow(anvil, spammer);
  for (let block = 0; block < 6; block++) await spammer.emit();
  await running.collector.expectEvents(6);
  await spammer.rpc("anvil_reorg", [4, [[{ ...spammer.transaction(1), gas: "0x100000" }, 1]]]);
  await spammer.emit();
  await expectCanonical(running.collector, spammer);
  assert.equal(running.collector.orphaned.length, 4);
});

Deno.test("a rollback is noticed with the block that follows it", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  await using running = await follow(anvil, spammer);
  for (let block = 0; block < 5; block++) await spammer.emit();
  await running.collector.expectEvents(5);
  await spammer.rpc("anvil_rollback", [3]);
  await spammer.emit(2);
  await running.collector.until("the rollback was noticed", () => running.collector.orphaned.length > 0);
  await expectCanonical(running.collector, spammer);
});

Deno.test("a reorg while the source was away is followed from its cursor", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  let cursor: Cursor | undefined;
  let before: readonly string[];
  {
    await using running = await follow(anvil, spammer);
    for (let block = 0; block < 4; block++) await spammer.emit();
    await running.collector.expectEvents(4);
    cursor = running.collector.cursor;
    before = running.collector.standing;
  }
  await spammer.rpc("anvil_rollback", [2]);
  for (let block = 0; block < 100; block++) await spammer.emit();
  await using running = await follow(anvil, spammer, { from: cursor });
  await running.collector.expectEvents(100);
  const kept = before.filter((identity) => !running.collector.orphaned.some((hash) => identity.includes(hash)));
  assert.equal(kept.length, 2);
  assert.deepEqual([...kept, ...running.collector.standing].sort(), await spammer.canonical());
});

Deno.test("when the preferred endpoint dies the other one takes over, until it is back", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  await using relay = new Relay(anvil.port);
  const preferred = `ws://127.0.0.1:${relay.port}`;
  const urls = [anvil.wsUrl, preferred];
  await using running = await follow(anvil, spammer, { urls, priority: 1, speed: 20 });
  assert.equal(running.source.health().endpoint, preferred);
  await spammer.emit();
  await relay.cut();
  await spammer.emit();
  await running.collector.expectEvents(2);
  assert.equal(running.source.health().endpoint, anvil.wsUrl);
  relay.restore();
  await poll(async () => {
    await spammer.emit();
    return running.source.health().endpoint === preferred;
  });
  await spammer.emit();
  await expectCanonical(running.collector, spammer);
});

Deno.test("a service URI that its manager announces is delivered", async () => {
  await using anvil = await startAnvil();
  const { chain, manager } = await deployContracts(anvil);
  const source = createEvmSource({ config: chainConfig({ wsEndpoints: [anvil.wsUrl] }), missed: "fire_all" }, {
    context: testContext(5),
    recordedBlocks: nothingRecorded,
  });
  const watching = source.watch(registryOf([watchedService(1, [], { manager: parseEvmAddress(manager) })]));
  await using collector = new Collector(source);
  await watching;
  await setServiceUri(chain, manager, "https://example.com/1.json");
  await setServiceUri(chain, manager, "https://example.com/2.json");
  await collector.until("both came", () => collector.uriChanges.length >= 2);
  assert.deepEqual(collector.uriChanges.map(({ uri }) => uri.at(-6)), ["1", "2"]);
});
