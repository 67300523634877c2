import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { hexToString, stringToHex } from "viem";
import { compileComponent } from "@components/builder/compile.ts";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { addTrigger, handledEvents, readPayload } from "@tests/support/contracts.ts";
import { firstChain, openStage, partiesOf, stageService } from "@tests/support/stage.ts";

const GUEST = fileURLToPath(new URL("./guests/clock_teller.ts", import.meta.url));
const WIT = fileURLToPath(new URL("../../wit", import.meta.url));

Deno.test("a service on a clock lands every second once, those of a restart included", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { key, contracts } = chain;
  const teller = await stage.node.client.uploadComponent(await compileComponent(GUEST, WIT));
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, {
      clock: {
        trigger: { cron: { schedule: "* * * * * *" } },
        component: { source: { digest: teller } },
        submit: simpleAggregator(stage.samples.simple_aggregator, { chain: key, handler: contracts.store }),
      },
    }),
  );
  // Signers are looked up one block below the head, and this chain makes blocks for transactions only.
  await addTrigger(contracts.chain, contracts.trigger, stringToHex("a block"));
  await stage.node.ended(2);
  await stage.restart();
  await stage.node.ended(4);

  const landed: number[] = [];
  for (const event of await handledEvents(contracts.chain, contracts.store)) {
    landed.push(Number(hexToString(await readPayload(contracts.chain, contracts.store, event) ?? "0x")));
  }
  landed.sort((left, right) => left - right);
  const [first = 0] = landed;
  // The last ones may still be on their way when they are read.
  assert.ok(landed.length >= 5, `only ${landed} landed`);
  assert.deepEqual(landed, landed.map((_, index) => first + index), "no second is missing and none landed twice");
});
