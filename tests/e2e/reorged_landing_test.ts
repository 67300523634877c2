import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { demoService } from "@/cli/dev/service_document.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import { uploadSamples } from "@tests/support/components.ts";
import {
  addTrigger,
  deployContracts,
  handledEvents,
  readAnswer,
  type TestDeployment,
} from "@tests/support/contracts.ts";
import { createHome } from "@tests/support/node_home.ts";
import { startTestNode, type TestNode } from "@tests/support/node.ts";
import { anvilControl } from "@tests/support/submissions.ts";
import { until } from "@tests/support/until.ts";

/** Has a node answer one event. */
async function answerOne(anvil: Anvil, contracts: TestDeployment, node: TestNode): Promise<bigint> {
  const { chain } = contracts;
  const { square, simple_aggregator } = await uploadSamples(node.client, ["square", "simple_aggregator"]);
  const service = demoService({
    chain: `evm:${anvil.chainId}`,
    contracts,
    operator: square,
    aggregator: simple_aggregator,
  });
  await registerService({ chain, client: node.client }, service);
  const { triggerId } = await addTrigger(chain, contracts.trigger, stringToHex('{"x":12}'));
  const [event] = await node.ended(1);
  assert.equal(event?.state, "final", event?.reason);
  return triggerId;
}

/** Takes the block with the answer away, its transaction too, and goes on without them. */
async function forget(anvil: Anvil, { chain, submit }: TestDeployment): Promise<void> {
  const control = anvilControl(anvil);
  await control.request({ method: "anvil_rollback" as never, params: [1] as never });
  assert.deepEqual(await handledEvents(chain, submit), []);
  await control.mine({ blocks: 2 });
}

async function assertAnsweredOnce({ chain, submit }: TestDeployment, triggerId: bigint): Promise<void> {
  await until("the answer is back", async () => await readAnswer(chain, submit, triggerId) === '{"y":144}');
  assert.equal((await handledEvents(chain, submit)).length, 1);
}

Deno.test("an answer that a reorg takes away lands again", async () => {
  await using anvil = await startAnvil();
  await using home = await createHome({ chains: [anvil] });
  const contracts = await deployContracts(anvil);
  await using node = await startTestNode(home);
  const triggerId = await answerOne(anvil, contracts, node);
  await forget(anvil, contracts);
  await assertAnsweredOnce(contracts, triggerId);
});

Deno.test("an answer that a reorg takes away while the node is down lands again", async () => {
  await using anvil = await startAnvil();
  await using home = await createHome({ chains: [anvil] });
  const contracts = await deployContracts(anvil);
  let triggerId: bigint;
  {
    await using node = await startTestNode(home);
    triggerId = await answerOne(anvil, contracts, node);
  }
  await forget(anvil, contracts);
  await using _node = await startTestNode(home);
  await assertAnsweredOnce(contracts, triggerId);
});
