import assert from "node:assert/strict";
import { hexToString, stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { printService, serviceIdOf } from "@/domain/mod.ts";
import { callApi } from "@tests/support/api.ts";
import { addTrigger, handledEvents, readAnswer, readPayload } from "@tests/support/contracts.ts";
import { answerWorkflow, firstChain, openStage, partiesOf, stageService } from "@tests/support/stage.ts";

const SLEEP_MS = 400;

Deno.test("the workflows of one service answer side by side, and one that submits nothing ends when it has run", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { key, contracts } = chain;
  const { echo, square, simple_aggregator: aggregator } = stage.samples;
  const trigger = { chain: key, contract: contracts.trigger };
  const service = stageService(chain, {
    answers: answerWorkflow(chain, { component: square, aggregator }),
    watches: { trigger, component: { source: { digest: echo } }, submit: "none" },
    by_hand: {
      trigger: "manual",
      component: { source: { digest: echo }, config: { "sleep-ms": String(SLEEP_MS), "sleep-kind": "async" } },
      submit: simpleAggregator(aggregator, { chain: key, handler: contracts.store }),
    },
  });
  await registerService(partiesOf(stage, chain), service);

  const { triggerId } = await addTrigger(contracts.chain, contracts.trigger, stringToHex('{"x":5}'));
  const firedAt = performance.now();
  const fired = await callApi(stage.node.url, "POST /dev/triggers", {
    service_id: serviceIdOf(service.manager),
    workflow_id: "by_hand",
    trigger: "manual",
    data: { Raw: [...new TextEncoder().encode("pulled")] },
    wait_for_completion: true,
  });
  assert.equal(fired.status, 200);
  const { results: [result] } = JSON.parse(fired.text);
  assert.ok(["executed", "final"].includes(result.state), fired.text);
  assert.equal(hexToString(result.responses[0].operator_response.payload), "pulled");
  assert.ok(performance.now() - firedAt >= SLEEP_MS, "the answer waits for the execution");

  const ended = await stage.node.ended(3);
  assert.deepEqual(
    ended.map(({ workflowId, state }) => [workflowId, state]).sort(),
    [["answers", "final"], ["by_hand", "final"], ["watches", "final"]],
  );
  assert.equal(await readAnswer(contracts.chain, contracts.submit, triggerId), '{"y":25}');
  assert.equal((await handledEvents(contracts.chain, contracts.submit)).length, 1, "only one workflow submits here");
  const [byHand] = await handledEvents(contracts.chain, contracts.store);
  assert.ok(byHand);
  assert.equal(hexToString(await readPayload(contracts.chain, contracts.store, byHand) ?? "0x"), "pulled");
});

Deno.test("a service that submits nothing needs neither handler nor registered key", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const service = stageService(chain, {
    default: {
      trigger: { chain: chain.key, contract: chain.contracts.trigger },
      component: { source: { digest: stage.samples.echo } },
      submit: "none",
    },
  });
  const { hash } = JSON.parse(
    (await callApi(stage.node.url, "POST /dev/services", JSON.parse(printService(service)))).text,
  ) as { hash: string };
  assert.equal((await callApi(stage.node.url, `POST /dev/services/${hash}`)).status, 204);

  await addTrigger(chain.contracts.chain, chain.contracts.trigger, stringToHex("seen"));
  const [event] = await stage.node.ended(1);
  assert.equal(event?.state, "final", event?.reason);
  assert.equal(stage.node.journal.submissions.anySigned(event.id), false);
});
