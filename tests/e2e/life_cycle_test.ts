import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { publishService, registerService } from "@/cli/dev/register.ts";
import { encodeServiceManager, printJson, type Service, serviceIdOf } from "@/domain/mod.ts";
import { callApi } from "@tests/support/api.ts";
import { addTrigger, handledEvents, readAnswer } from "@tests/support/contracts.ts";
import { answerWorkflow, firstChain, openStage, partiesOf, type Stage, stageService } from "@tests/support/stage.ts";
import { until } from "@tests/support/until.ts";

function squareService(stage: Stage, status: Service["status"] = "active"): Service {
  const chain = firstChain(stage);
  const { square, simple_aggregator: aggregator } = stage.samples;
  return stageService(chain, { default: answerWorkflow(chain, { component: square, aggregator }) }, status);
}

async function statusOf(stage: Stage, { manager }: Service): Promise<string> {
  if (manager.kind !== "evm") throw new Error("the stage's managers are EVM contracts");
  const { text } = await callApi(stage.node.url, `GET /services/${manager.chain}/${manager.address}`);
  return (JSON.parse(text) as { status: string }).status;
}

Deno.test("a paused service skips its events and says so, and goes on when it is active again", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { contracts } = chain;
  const parties = partiesOf(stage, chain);
  const service = squareService(stage);
  await registerService(parties, service);
  const ask = async (x: number) => {
    const { triggerId } = await addTrigger(contracts.chain, contracts.trigger, stringToHex(`{"x":${x}}`));
    return triggerId;
  };
  const change = async (status: Service["status"]) => {
    await publishService(parties, squareService(stage, status));
    await until(`the service is ${status}`, async () => await statusOf(stage, service) === status);
  };

  const before = await ask(2);
  await stage.node.ended(1);
  await change("paused");
  const during = await ask(3);
  await stage.node.ended(2);
  await change("active");
  const after = await ask(4);
  const ended = await stage.node.ended(3);

  assert.deepEqual(
    ended.map(({ state, reason }) => ({ state, reason })),
    [
      { state: "final", reason: undefined },
      { state: "skipped", reason: "its service is paused" },
      { state: "final", reason: undefined },
    ],
  );
  const answers = [before, during, after].map((id) => readAnswer(contracts.chain, contracts.submit, id));
  assert.deepEqual(await Promise.all(answers), ['{"y":4}', undefined, '{"y":16}']);
});

Deno.test("a removed service is no longer watched, also after a restart, and comes back with the key it had", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { contracts } = chain;
  const service = squareService(stage);
  const signingKey = await registerService(partiesOf(stage, chain), service);
  const files = `${stage.home.data}/app/${serviceIdOf(service.manager)}`;
  await Deno.mkdir(files, { recursive: true });
  await addTrigger(contracts.chain, contracts.trigger, stringToHex('{"x":1}'));
  await stage.node.ended(1);

  const managers = { service_managers: [JSON.parse(printJson(encodeServiceManager(service.manager)))] };
  assert.deepEqual(await callApi(stage.node.url, "DELETE /services", managers), { status: 204, text: "" });

  const { services, service_ids } = JSON.parse((await callApi(stage.node.url, "GET /services")).text);
  assert.deepEqual({ services, service_ids }, { services: [], service_ids: [] });
  await assert.rejects(Deno.stat(files), Deno.errors.NotFound);
  const streams = (await callApi(stage.node.url, "GET /dev/trigger-streams")).text;
  assert.ok(!streams.includes(contracts.trigger.toLowerCase()), `nothing of it is subscribed to: ${streams}`);
  await addTrigger(contracts.chain, contracts.trigger, stringToHex('{"x":2}'));

  await stage.restart();
  assert.deepEqual(JSON.parse((await callApi(stage.node.url, "GET /services")).text).service_ids, []);
  await addTrigger(contracts.chain, contracts.trigger, stringToHex('{"x":3}'));
  await stage.node.client.registerService(service.manager);
  assert.equal(await stage.node.client.signerAddress(service.manager), signingKey);
  const { triggerId } = await addTrigger(contracts.chain, contracts.trigger, stringToHex('{"x":4}'));
  await stage.node.ended(1);

  assert.equal(await readAnswer(contracts.chain, contracts.submit, triggerId), '{"y":16}');
  assert.equal(
    (await handledEvents(contracts.chain, contracts.submit)).length,
    2,
    "events of the time between are not",
  );
});
