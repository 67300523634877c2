import assert from "node:assert/strict";
import { newRegistryChannel, parseBytes32, parseChainKey, type RegistrySnapshot, WavsError } from "@/domain/mod.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { addressOf, chainConfig, watchedService } from "./evm/testing/registry.ts";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import { runTriggersInThread, startTriggers, type Triggers, type TriggersModules } from "./mod.ts";
import type { Cursor, DetectedEvent, SourceBatch, SourceName } from "./types.ts";

const TOPIC = parseBytes32("11".repeat(32));
const BROKEN = parseChainKey("evm:2");
const NO_ENDPOINT = parseChainKey("evm:3");

function triggerOf(number: number) {
  return { address: addressOf(number), eventHash: TOPIC };
}

function logOf(number: number) {
  return { address: addressOf(number), topics: [TOPIC] };
}

/** What main does for the triggers, in memory. */
class FakeMain {
  readonly batches: SourceBatch[] = [];
  readonly cursors = new Map<SourceName, Cursor>();
  refusals = 0;
  registry: RegistrySnapshot;
  readonly registryChannel = newRegistryChannel();
  readonly missed = "fire_all";
  readonly jetstream = { endpoints: [], maxMessageBytes: 0 };
  readonly #channel = new BroadcastChannel(this.registryChannel);

  constructor(registry: RegistrySnapshot) {
    this.registry = registry;
  }

  get events(): readonly DetectedEvent[] {
    return this.batches.flatMap(({ events }) => events);
  }

  get modules(): TriggersModules {
    return {
      context: testContext(),
      handlers: {
        deliver: (batch) => {
          if (this.refusals-- > 0) {
            throw new WavsError("database_busy", { message: "Cannot commit just now", retryable: true });
          }
          this.batches.push(batch);
          this.cursors.set(batch.source, batch.cursor);
        },
        cursor: (source) => this.cursors.get(source),
        recordedBlocks: () => [],
        registry: () => this.registry,
      },
    };
  }

  publish(registry: RegistrySnapshot): void {
    this.registry = registry;
    this.#channel.postMessage(registry);
  }

  async expectEvents(count: number): Promise<void> {
    for (let tries = 0; this.events.length < count; tries++) {
      assert.ok(tries < 2_000, `${this.events.length} of ${count} events came`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(new Set(this.events.map(({ identity, serviceId }) => `${identity}/${serviceId}`)).size, count);
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }
}

const CARRIERS: Readonly<Record<string, (main: FakeMain) => Promise<Triggers>>> = {
  "in the worker": (main) =>
    startTriggers(
      {
        logLevel: "warn",
        registryChannel: main.registryChannel,
        missed: main.missed,
        jetstream: main.jetstream,
        chains: () => main.registry.chains,
        registry: () => main.registry,
        feeds: { directory: "/nonexistent", bootstrap: [], allowPrivateNetworks: false },
      },
      main.modules,
    ),
  "in the thread": (main) => runTriggersInThread(main, main.modules),
};

for (const [where, start] of Object.entries(CARRIERS)) {
  Deno.test(`${where}, services that come and a restart neither lose nor double an event`, async () => {
    await using chain = new ScriptedChain();
    const chains = [chainConfig({ wsEndpoints: [chain.wsUrl] })];
    using main = new FakeMain({ revision: 1, services: [watchedService(1, [triggerOf(1)])], chains });
    const triggers = await start(main);
    await triggers.api.settled(1);
    chain.mine([logOf(1), logOf(2)]);
    await main.expectEvents(1);
    main.publish({ ...main.registry, revision: 2, services: [1, 2].map((n) => watchedService(n, [triggerOf(n)])) });
    await triggers.api.settled(2);
    chain.mine([logOf(1), logOf(2)]);
    await main.expectEvents(3);
    await triggers.restart();
    chain.mine([logOf(1), logOf(2)]);
    await triggers.api.settled(2);
    await main.expectEvents(5);
    const [stream] = await triggers.api.streams(undefined);
    assert.equal(stream?.currentEndpoint, chain.wsUrl);
    assert.deepEqual(stream?.subscriptions.map(({ kind }) => kind), ["newHeads", "logs"]);
    await triggers.close();
  });

  Deno.test(`${where}, chains that cannot be followed do not stop the others`, async () => {
    await using chain = new ScriptedChain();
    const chains = [
      chainConfig({ key: BROKEN, chainId: "2", wsEndpoints: ["ws://127.0.0.1:9"] }),
      chainConfig({ key: NO_ENDPOINT, chainId: "3" }),
      chainConfig({ wsEndpoints: [chain.wsUrl] }),
    ];
    const services = [
      watchedService(1, [triggerOf(1)], { chain: BROKEN }),
      watchedService(2, [triggerOf(1)], { chain: NO_ENDPOINT }),
      watchedService(3, [triggerOf(1)]),
    ];
    using main = new FakeMain({ revision: 1, services, chains });
    const triggers = await start(main);
    await triggers.api.settled(1);
    chain.mine([logOf(1)]);
    await main.expectEvents(1);
    const health = await triggers.api.health(undefined);
    const errors = Object.fromEntries(health.map(({ source, lastError }) => [source, lastError]));
    assert.match(String(errors[BROKEN]), /Cannot reach "ws:\/\/127\.0\.0\.1:9"/);
    assert.match(String(errors[NO_ENDPOINT]), /"chains\.evm\.3" has neither/);
    assert.equal(errors[chainConfig().key], undefined);
    await triggers.close();
  });
}

Deno.test("a batch that main could not commit is handed over again", async () => {
  await using chain = new ScriptedChain();
  const chains = [chainConfig({ wsEndpoints: [chain.wsUrl] })];
  using main = new FakeMain({ revision: 1, services: [watchedService(1, [triggerOf(1)])], chains });
  const triggers = await runTriggersInThread(main, main.modules);
  await triggers.api.settled(1);
  main.refusals = 2;
  chain.mine([logOf(1)]);
  await main.expectEvents(1);
  await triggers.close();
});

Deno.test("a registry that is older than the one in use is ignored", async () => {
  await using chain = new ScriptedChain();
  const chains = [chainConfig({ wsEndpoints: [chain.wsUrl] })];
  using main = new FakeMain({ revision: 5, services: [watchedService(1, [triggerOf(1)])], chains });
  const triggers = await runTriggersInThread(main, main.modules);
  const current = main.registry;
  main.publish({ revision: 4, services: [], chains });
  main.registry = current;
  await triggers.api.settled(5);
  chain.mine([logOf(1)]);
  await main.expectEvents(1);
  await triggers.close();
});
