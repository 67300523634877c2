import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { uploadSamples } from "@tests/support/components.ts";
import { addTrigger, handledEvents, readAnswer } from "@tests/support/contracts.ts";
import { firstChain, openStage, partiesOf, stageService } from "@tests/support/stage.ts";
import { until } from "@tests/support/until.ts";

const DELAY_SECONDS = 3;

Deno.test("a timer goes off once when it is due, also when the node was restarted meanwhile", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { key, anvil, contracts } = chain;
  const { timer_aggregator: aggregator } = await uploadSamples(stage.node.client, ["timer_aggregator"]);
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, {
      default: {
        trigger: { chain: key, contract: contracts.trigger },
        component: { source: { digest: stage.samples.square } },
        submit: {
          source: { digest: aggregator },
          config: { chain: key, service_handler: contracts.submit, timer_delay_secs: String(DELAY_SECONDS) },
          hosts: { only: [new URL(anvil.httpUrl).hostname] },
        },
      },
    }),
  );
  const { triggerId } = await addTrigger(contracts.chain, contracts.trigger, stringToHex('{"x":5}'));
  const timers = () => stage.node.journal.actions.ofSubmission(1);
  await until("the timer is set", () => timers().length === 1);
  const [timer] = timers();
  assert.deepEqual(timer?.action, { kind: "timer", delaySeconds: BigInt(DELAY_SECONDS) });
  await stage.restart();
  const [event] = await stage.node.ended(1);

  const waitedMs = Date.now() - timer.createdAtMs;
  assert.ok(waitedMs >= DELAY_SECONDS * 1_000, `it went off after ${waitedMs} ms`);
  assert.equal(event?.state, "final");
  assert.deepEqual(timers().map(({ action, state }) => [action.kind, state]), [["timer", "final"], [
    "submit",
    "final",
  ]]);
  assert.equal(await readAnswer(contracts.chain, contracts.submit, triggerId), '{"y":25}');
  assert.equal((await handledEvents(contracts.chain, contracts.submit)).length, 1);
});
