import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { utf8Bytes } from "@/domain/mod.ts";
import { callApi } from "@tests/support/api.ts";
import { addTrigger, handledEvents, readAnswer } from "@tests/support/contracts.ts";
import { startDht } from "@tests/support/hypercore/dht.ts";
import { FeedWriter } from "@tests/support/hypercore/writer.ts";
import { firstChain, openStage, partiesOf, type Stage, stageService } from "@tests/support/stage.ts";
import { until } from "@tests/support/until.ts";

function textOf(index: number): string {
  return `block ${index}`;
}

async function feedsOf({ node }: Stage): Promise<unknown> {
  const { text } = await callApi(node.url, "GET /dev/trigger-streams");
  return (JSON.parse(text) as { hypercore: unknown }).hypercore;
}

Deno.test("what is appended to a feed lands once on the chain, what came while the node was down included", async () => {
  await using stack = new AsyncDisposableStack();
  const { address: bootstrap } = stack.use(await startDht());
  const directory = await Deno.makeTempDir({ prefix: "wavs-test-feed-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const writer = stack.use(await FeedWriter.start({ directory, bootstrap }));
  const stage = stack.use(await openStage([31_337], { hyperswarm_bootstrap: JSON.stringify(bootstrap) }));
  const chain = firstChain(stage);
  const { contracts, key } = chain;
  const append = (index: number) => writer.append(utf8Bytes(textOf(index)));

  assert.deepEqual(await feedsOf(stage), {});
  await append(0);
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, {
      default: {
        trigger: { hypercore_append: { feed_key: writer.state.key } },
        component: { source: { digest: stage.samples.echo } },
        submit: simpleAggregator(stage.samples.simple_aggregator, { chain: key, handler: contracts.submit }),
      },
    }),
  );
  // Signers are looked up one block below the head, and this chain makes blocks for transactions only.
  await addTrigger(contracts.chain, contracts.trigger, stringToHex("a block"));
  await stage.node.ended(1);
  assert.deepEqual(await feedsOf(stage), { [writer.state.key]: "connected" });
  await append(1);
  await stage.node.ended(2);

  await stage.restart();
  await append(2);
  await append(3);
  const ended = await stage.node.ended(2);

  assert.deepEqual(ended.map(({ state }) => state), ["final", "final"]);
  await until("all have landed", async () => (await handledEvents(contracts.chain, contracts.submit)).length === 4);
  const answers = [0, 1, 2, 3].map((index) => readAnswer(contracts.chain, contracts.submit, BigInt(index)));
  assert.deepEqual(await Promise.all(answers), [0, 1, 2, 3].map(textOf));
});
