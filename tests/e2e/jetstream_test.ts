import assert from "node:assert/strict";
import { hexToBytes, stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { ALICE, BOB, post, POSTS } from "@/triggers/jetstream/testing/frames.ts";
import { JetstreamServer } from "@/triggers/jetstream/testing/jetstream_server.ts";
import { addTrigger, handledEvents, readPayload } from "@tests/support/contracts.ts";
import { firstChain, openStage, partiesOf, stageService } from "@tests/support/stage.ts";

Deno.test("posts of a repository land once each, those of a restart and of a lost connection included", async () => {
  await using server = new JetstreamServer();
  await using stage = await openStage([31_337], { jetstream_endpoint: JSON.stringify(server.url) });
  const chain = firstChain(stage);
  const { key, contracts } = chain;
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, {
      posts: {
        trigger: { at_proto_event: { collection: POSTS, repo_did: ALICE, action: "create" } },
        component: { source: { digest: stage.samples.echo } },
        submit: simpleAggregator(stage.samples.simple_aggregator, { chain: key, handler: contracts.store }),
      },
    }),
  );
  // Signers are looked up one block below the head, and this chain makes blocks for transactions only.
  await addTrigger(contracts.chain, contracts.trigger, stringToHex("a block"));
  server.emit(post(1));
  server.emit(post(2, BOB));
  await stage.node.ended(1);
  await server.stop();
  server.emit(post(3));
  server.start();
  await stage.node.ended(2);
  const metrics = await (await fetch(`${stage.node.url}/metrics`)).text();
  assert.match(metrics, /^wavs_triggers_detected_total{source="jetstream"} 2$/m);
  assert.match(metrics, /^wavs_trigger_source_connected{source="evm:31337"} 1$/m);
  assert.match(metrics, /^wavs_trigger_lag_blocks{source="evm:31337"} 0$/m);
  assert.match(metrics, /^wavs_trigger_lag_seconds{source="jetstream"} \d/m);
  assert.match(metrics, /^wavs_events{state="final"} 2$/m);
  await stage.restart();
  server.emit(post(4));
  await stage.node.ended(1);

  const texts: string[] = [];
  for (const event of await handledEvents(contracts.chain, contracts.store)) {
    const payload = hexToBytes(await readPayload(contracts.chain, contracts.store, event) ?? "0x");
    texts.push(/"text":"([^"]*)"/.exec(new TextDecoder().decode(payload))?.[1] ?? "no record");
  }
  assert.deepEqual(texts.sort(), ["number 1", "number 3", "number 4"]);
});
