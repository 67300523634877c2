import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { callApi } from "@tests/support/api.ts";
import { addTrigger, handledEvents, readAnswer } from "@tests/support/contracts.ts";
import {
  answerWorkflow,
  openStage,
  partiesOf,
  type StageChain,
  stageService,
  startChain,
} from "@tests/support/stage.ts";

const FIRST_CHAIN = 31_337;
const SECOND_CHAIN = 31_338;

async function ask({ contracts }: StageChain, x: number): Promise<bigint> {
  return (await addTrigger(contracts.chain, contracts.trigger, stringToHex(`{"x":${x}}`))).triggerId;
}

async function answerOf({ contracts }: StageChain, triggerId: bigint): Promise<string | undefined> {
  return await readAnswer(contracts.chain, contracts.submit, triggerId);
}

async function landedOn({ contracts }: StageChain): Promise<number> {
  return (await handledEvents(contracts.chain, contracts.submit)).length;
}

Deno.test("services of two chains are served at once, and a workflow may listen on one and answer on the other", async () => {
  await using stage = await openStage([FIRST_CHAIN, SECOND_CHAIN]);
  const [near, far] = stage.chains;
  assert.ok(near && far);
  const { echo, square, simple_aggregator: aggregator } = stage.samples;
  const squares = stageService(near, { default: answerWorkflow(near, { component: square, aggregator }) });
  const echoes = stageService(far, {
    default: answerWorkflow(far, { component: echo, aggregator }),
    across: {
      trigger: { chain: near.key, contract: near.contracts.trigger },
      component: { source: { digest: square } },
      submit: simpleAggregator(aggregator, { chain: far.key, handler: far.contracts.store }),
    },
  });
  const signers = [
    await registerService(partiesOf(stage, near), squares),
    await registerService(partiesOf(stage, far), echoes),
  ];
  assert.notEqual(signers[0], signers[1], "each service has a key of its own");

  const xs = [1, 2, 3];
  const asked = await Promise.all([near, far].map(async (chain) => {
    const triggerIds: bigint[] = [];
    for (const x of xs) triggerIds.push(await ask(chain, x));
    return { chain, triggerIds };
  }));
  const ended = await stage.node.ended(3 * xs.length);

  assert.deepEqual(ended.filter(({ state }) => state !== "final"), []);
  const answers = await Promise.all(
    asked.map(({ chain, triggerIds }) => Promise.all(triggerIds.map((triggerId) => answerOf(chain, triggerId)))),
  );
  assert.deepEqual(answers, [xs.map((x) => `{"y":${x * x}}`), xs.map((x) => `{"x":${x}}`)]);
  assert.deepEqual(await Promise.all([near, far].map(landedOn)), [xs.length, xs.length]);
  assert.equal((await handledEvents(far.contracts.chain, far.contracts.store)).length, xs.length);
});

Deno.test("a chain added while the node runs is used at once, and the services of others go on", async () => {
  await using stage = await openStage([FIRST_CHAIN]);
  await using added = await startChain(SECOND_CHAIN);
  const [first] = stage.chains;
  assert.ok(first);
  const { square, simple_aggregator: aggregator } = stage.samples;
  const serviceOn = (chain: StageChain) =>
    stageService(chain, { default: answerWorkflow(chain, { component: square, aggregator }) });
  await registerService(partiesOf(stage, first), serviceOn(first));
  const { httpUrl, wsUrl } = added.anvil;
  const body = {
    chain: added.key,
    config: { type: "evm", chain_id: String(SECOND_CHAIN), ws_endpoints: [wsUrl], http_endpoint: httpUrl },
  };

  // An event that falls into the change: the workers are started again to be let reach the new chain.
  const [early, answer] = await Promise.all([ask(first, 5), callApi(stage.node.url, "POST /dev/chains", body)]);
  assert.deepEqual(answer, { status: 200, text: "" });
  assert.equal((await callApi(stage.node.url, "POST /dev/chains", body)).status, 409);
  await registerService(partiesOf(stage, added), serviceOn(added));
  const [onFirst, onAdded] = [await ask(first, 6), await ask(added, 7)];
  const ended = await stage.node.ended(3);

  assert.deepEqual(ended.filter(({ state }) => state !== "final"), []);
  assert.equal(await answerOf(first, early), '{"y":25}');
  assert.equal(await answerOf(first, onFirst), '{"y":36}');
  assert.equal(await answerOf(added, onAdded), '{"y":49}');
  assert.deepEqual(await Promise.all([first, added].map(landedOn)), [2, 1]);
});
