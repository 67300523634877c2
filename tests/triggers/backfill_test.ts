import assert from "node:assert/strict";
import { parseBytes32, parseEvmAddress } from "@/domain/mod.ts";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import {
  addressOf,
  chainConfig,
  intervalService,
  registryOf,
  watchedService,
} from "@/triggers/evm/testing/registry.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { LogSpammer, SPAM } from "@tests/support/log_spammer.ts";
import { TriggersOnDisk } from "@tests/support/triggers_on_disk.ts";
import { until } from "@tests/support/until.ts";

const TOPIC = parseBytes32("11".repeat(32));

/** Every so many blocks there is a log; no divisor of the blocks in a query, so that they fall everywhere in it. */
const LOG_EVERY = 37;
const BLOCKS = 100_000;

// No EVM node from npm makes so many blocks in a test: anvil takes longer for each one the more there are. So this chain
// is invented, behind a real socket; the test below has fewer blocks and a real chain.
Deno.test(`after a downtime of ${BLOCKS} blocks nothing is missing and nothing doubled`, async () => {
  await using chain = new ScriptedChain();
  const config = chainConfig({ wsEndpoints: [chain.wsUrl] });
  const services = [
    watchedService(1, [{ address: addressOf(1), eventHash: TOPIC }]),
    intervalService(2, [{ nBlocks: 1_000, startBlock: 0n }]),
  ];
  await using triggers = await TriggersOnDisk.start({ ...registryOf(services), chains: [config] });
  await triggers.kill();
  for (let mined = 0; mined < BLOCKS; mined += LOG_EVERY) {
    chain.mineSilently([{ address: addressOf(1), topics: [TOPIC] }]);
    chain.mineSilently([], LOG_EVERY - 1);
  }
  const heights = Number(chain.head / 1_000n);
  await triggers.resume();
  const expected = [
    ...chain.logs.map(({ blockHash, logIndex }) => `evm:31337/${blockHash}/${logIndex}`),
    ...Array.from({ length: heights }, (_, index) => `evm:31337/height/${(index + 1) * 1_000}`),
  ].sort();
  await until("everything was made up for", () => triggers.count() >= expected.length);
  assert.deepEqual(triggers.standing, expected);
  assert.equal(triggers.duplicates, 0);
});

Deno.test("after a downtime of 2,000 blocks of a real chain nothing is missing and nothing doubled", async () => {
  await using anvil = await startAnvil();
  const spammer = await LogSpammer.deploy(anvil);
  const config = chainConfig({ wsEndpoints: [anvil.wsUrl] });
  const trigger = { address: parseEvmAddress(spammer.contract), eventHash: SPAM };
  await using triggers = await TriggersOnDisk.start({
    ...registryOf([watchedService(1, [trigger])]),
    chains: [config],
  });
  await triggers.kill();
  for (let part = 0; part < 20; part++) {
    await spammer.emit(part);
    await spammer.rpc("anvil_mine", ["0x63"]);
  }
  await triggers.resume();
  const expected = await spammer.canonical();
  assert.equal(expected.length, 190);
  await until("everything was made up for", () => triggers.count() >= expected.length);
  assert.deepEqual(triggers.standing, expected);
});
