import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { buildComponents } from "@components/build.ts";
import { publishService, registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { addTrigger, connectDevChain, handledEvents, readAnswer, testAccount } from "@tests/support/contracts.ts";
import { startFileServer } from "@tests/support/file_server.ts";
import {
  answerWorkflow,
  firstChain,
  openStage,
  partiesOf,
  type StageChain,
  stageService,
} from "@tests/support/stage.ts";
import { until } from "@tests/support/until.ts";

/** Events before the change is announced, and after it was taken over. */
const EVENTS_EACH = 6;

/** Long enough for several events to come while the new component is being fetched. */
const SLOW_DOWNLOAD_MS = 500;

/** Sends `{"x":n}` from an account of its own, n from 1 on, until it is told to stop. */
function keepAsking({ anvil, contracts }: StageChain) {
  const { httpUrl, chainId } = anvil;
  const sender = connectDevChain({ httpUrl, chainId, account: testAccount(3) });
  const triggerIds: bigint[] = [];
  let stopping = false;
  const sending = (async () => {
    for (let x = 1; !stopping; x++) {
      const { triggerId } = await addTrigger(sender, contracts.trigger, stringToHex(`{"x":${x}}`));
      triggerIds.push(triggerId);
    }
  })();
  const stop = async () => {
    stopping = true;
    await sending;
    return triggerIds;
  };
  return { sent: () => triggerIds.length, stop, [Symbol.asyncDispose]: async () => void await stop() };
}

Deno.test("a changed service URI is taken over while events keep coming, and each lands exactly once", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { contracts, key } = chain;
  const { echo, simple_aggregator: aggregator } = stage.samples;
  const parties = partiesOf(stage, chain);
  const before = stageService(chain, { default: answerWorkflow(chain, { component: echo, aggregator }) });
  await registerService(parties, before);
  const [built] = await buildComponents({ names: ["square"] });
  assert.ok(built);
  await using files = startFileServer({ "/square.wasm": built.path }, { delayMs: SLOW_DOWNLOAD_MS });

  await using asking = keepAsking(chain);
  await until("some events were sent", () => asking.sent() >= EVENTS_EACH);
  await publishService(
    parties,
    stageService(chain, {
      default: {
        trigger: { chain: key, contract: contracts.trigger },
        component: { source: { download: { uri: `${files.url}/square.wasm`, digest: built.digest } } },
        submit: simpleAggregator(aggregator, { chain: key, handler: contracts.submit }),
      },
    }),
  );
  const takenOver = () => stage.node.log.some((line) => line.includes("Service URI taken over"));
  await until("the change is taken over", takenOver);
  const sentBefore = asking.sent();
  await until("some more events were sent", () => asking.sent() >= sentBefore + EVENTS_EACH);
  const triggerIds = await asking.stop();

  const ended = await stage.node.ended(triggerIds.length);
  assert.deepEqual(ended.filter(({ state }) => state !== "final"), []);
  const components = await Promise.all(triggerIds.map(async (triggerId, index) => {
    const answer = await readAnswer(contracts.chain, contracts.submit, triggerId);
    const x = index + 1;
    if (answer === `{"x":${x}}`) return "echo";
    if (answer === `{"y":${x * x}}`) return "square";
    throw new Error(`the answer to event ${x} is ${answer}`);
  }));
  const firstNew = components.indexOf("square");
  assert.ok(firstNew >= EVENTS_EACH, "what was sent before the change is answered by the old component");
  // One was on its way, and not counted, when it was seen that the change is taken over.
  assert.ok(firstNew <= sentBefore + 1, "what was sent after the change is answered by the new component");
  assert.ok(!components.includes("echo", firstNew), "once the new component has answered, the old one never does");
  const handled = await handledEvents(contracts.chain, contracts.submit);
  assert.equal(handled.length, triggerIds.length);
  assert.equal(new Set(handled).size, handled.length, "no event landed twice");
});
