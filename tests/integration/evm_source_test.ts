import assert from "node:assert/strict";
import { type Abi, type Address, encodeFunctionData, toEventSelector } from "viem";
import { type Contract, logSpam } from "@components/contracts/mod.ts";
import { createHttpEndpoint } from "@/chains/mod.ts";
import { parseBytes32, parseEvmAddress } from "@/domain/mod.ts";
import { createEvmSource } from "@/triggers/evm/evm_source.ts";
import { Collector } from "@/triggers/evm/testing/collector.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { chainConfig, registryOf, watchedService } from "@/triggers/evm/testing/registry.ts";
import type { Cursor } from "@/triggers/mod.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import {
  connectOwner,
  deployContract,
  deployContracts,
  OWNER_INDEX,
  setServiceUri,
  testAccount,
} from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";

const SPAM = parseBytes32(toEventSelector("Spam(uint256)"));
const OWNER = testAccount(OWNER_INDEX).address;

/** A way to have real logs made and to ask anvil for what only anvil does. */
class Spammer {
  readonly contract: Address;
  readonly #anvil: Anvil;
  #nextId = 0n;

  constructor(anvil: Anvil, contract: Address) {
    this.#anvil = anvil;
    this.contract = contract;
  }

  /** Mines one block with `count` logs; resolves once it is mined, which is later than when the transaction is taken. */
  async emit(count = 1): Promise<void> {
    const args = [this.#nextId, BigInt(count)] as const;
    this.#nextId += BigInt(count);
    const data = encodeFunctionData({ abi: logSpam.abi, functionName: "emitSpam", args });
    await this.rpc("eth_sendTransactionSync", [{ from: OWNER, to: this.contract, data, gas: "0x1c9c380" }]);
  }

  rpc(method: string, params: readonly unknown[]): Promise<unknown> {
    return createHttpEndpoint(this.#anvil.httpUrl, testContext()).request(method, params);
  }
}

async function spammerOn(anvil: Anvil): Promise<Spammer> {
  const contract: Contract<Abi> = logSpam;
  return new Spammer(anvil, await deployContract(connectOwner(anvil), contract, []));
}

interface FollowOptions {
  readonly from?: Cursor | undefined;
  readonly speed?: number;
  readonly urls?: readonly string[];
  readonly priority?: number;
}

async function follow(anvil: Anvil, spammer: Spammer, options: FollowOptions = {}) {
  const config = chainConfig({ wsEndpoints: options.urls ?? [anvil.wsUrl], wsPriorityEndpointIndex: options.priority });
  const source = createEvmSource({ config, missed: "fire_all" }, { context: testContext(options.speed ?? 5) });
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

/** The logs that are in the chain now, as their events would be identified. */
async function canonical(spammer: Spammer): Promise<string[]> {
  const logs = await spammer.rpc("eth_getLogs", [{ fromBlock: "0x0", toBlock: "latest", address: spammer.contract }]);
  return (logs as { blockHash: string; logIndex: string }[]).map(({ blockHash, logIndex }) =>
    `evm:31337/${blockHash}/${BigInt(logIndex)}`
  );
}

async function expectCanonical(collector: Collector, spammer: Spammer): Promise<void> {
  const expected = String((await canonical(spammer)).sort());
  await collector.until("what stands is what is in the chain", () => String(collector.standing) === expected);
}

Deno.test("every log of a busy chain is delivered once, also from blocks with two thousand of them", async () => {
  await using anvil = await startAnvil();
  const spammer = await spammerOn(anvil);
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
    const spammer = await spammerOn(anvil);
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
  const spammer = await spammerOn(anvil);
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
  const spammer = await spammerOn(anvil);
  await using running = await follow(anvil, spammer);
  for (let block = 0; block < 6; block++) await spammer.emit();
  await running.collector.expectEvents(6);
  const data = encodeFunctionData({ abi: logSpam.abi, functionName: "emitSpam", args: [100n, 1n] });
  await spammer.rpc("anvil_reorg", [4, [[{ from: OWNER, to: spammer.contract, data, gas: "0x100000" }, 1]]]);
  await spammer.emit();
  await expectCanonical(running.collector, spammer);
  assert.equal(running.collector.orphaned.length, 4);
});

Deno.test("a rollback is noticed with the block that follows it", async () => {
  await using anvil = await startAnvil();
  const spammer = await spammerOn(anvil);
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
  const spammer = await spammerOn(anvil);
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
  assert.deepEqual([...kept, ...running.collector.standing].sort(), (await canonical(spammer)).sort());
});

Deno.test("when the preferred endpoint dies the other one takes over, until it is back", async () => {
  const port = freePort();
  await using anvil = await startAnvil();
  const spammer = await spammerOn(anvil);
  const preferred = `ws://127.0.0.1:${port}`;
  let relay = startRelay(port, anvil.port);
  const urls = [anvil.wsUrl, preferred];
  await using running = await follow(anvil, spammer, { urls, priority: 1, speed: 20 });
  assert.equal(running.source.health().endpoint, preferred);
  await spammer.emit();
  await relay.stop();
  await spammer.emit();
  await running.collector.expectEvents(2);
  assert.equal(running.source.health().endpoint, anvil.wsUrl);
  relay = startRelay(port, anvil.port);
  await poll(async () => {
    await spammer.emit();
    return running.source.health().endpoint === preferred;
  });
  await spammer.emit();
  await expectCanonical(running.collector, spammer);
  await running.collector[Symbol.asyncDispose]();
  await relay.stop();
});

Deno.test("a service URI that its manager announces is delivered", async () => {
  await using anvil = await startAnvil();
  const { chain, manager } = await deployContracts(anvil);
  const source = createEvmSource({ config: chainConfig({ wsEndpoints: [anvil.wsUrl] }), missed: "fire_all" }, {
    context: testContext(5),
  });
  const watching = source.watch(registryOf([watchedService(1, [], { manager: parseEvmAddress(manager) })]));
  await using collector = new Collector(source);
  await watching;
  await setServiceUri(chain, manager, "https://example.com/1.json");
  await setServiceUri(chain, manager, "https://example.com/2.json");
  await collector.until("both came", () => collector.uriChanges.length >= 2);
  assert.deepEqual(collector.uriChanges.map(({ uri }) => uri.at(-6)), ["1", "2"]);
});

/** A second address of the same chain that can be taken away. */
function startRelay(port: number, target: number): { stop(): Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const connections = new Set<Deno.Conn>();
  const relayed: Promise<unknown>[] = [];
  const accepting = (async () => {
    for await (const incoming of listener) {
      const outgoing = await Deno.connect({ hostname: "127.0.0.1", port: target });
      connections.add(incoming).add(outgoing);
      relayed.push(
        incoming.readable.pipeTo(outgoing.writable).catch(() => {}),
        outgoing.readable.pipeTo(incoming.writable).catch(() => {}),
      );
    }
  })();
  return {
    stop: async () => {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch (error) {
          // The pipe closed it when its other end was done.
          if (!(error instanceof Deno.errors.BadResource)) throw error;
        }
      }
      await Promise.all([accepting, ...relayed]);
    },
  };
}
