import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createTestClient, hexToString, http } from "viem";
import { compileComponent } from "@components/builder/compile.ts";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator } from "@/cli/dev/service_document.ts";
import { handledEvents, readPayload } from "@tests/support/contracts.ts";
import { firstChain, openStage, partiesOf, stageService } from "@tests/support/stage.ts";

const GUEST = fileURLToPath(new URL("./guests/height_teller.ts", import.meta.url));
const WIT = fileURLToPath(new URL("../../wit", import.meta.url));

Deno.test("a service on an interval of blocks lands for each of its heights once, those of an outage included", async () => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { key, contracts, anvil } = chain;
  const client = createTestClient({ mode: "anvil", transport: http(anvil.httpUrl) });
  const teller = await stage.node.client.uploadComponent(await compileComponent(GUEST, WIT));
  const head = await contracts.chain.reader.getBlockNumber();
  // Behind the blocks that registering takes.
  const start = Number(head) + 10;
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, {
      heights: {
        trigger: {
          block_interval: { chain: key, n_blocks: 20, start_block: start, end_block: start + 130 },
        },
        component: { source: { digest: teller } },
        submit: simpleAggregator(stage.samples.simple_aggregator, { chain: key, handler: contracts.store }),
      },
    }),
  );
  await client.mine({ blocks: 50 });
  await stage.node.ended(2);
  await stage.restart();
  // Up to 140 above the start: at 130, its end, the interval is between two of its heights.
  await client.mine({ blocks: 150 });
  await stage.node.ended(6);

  const landed: number[] = [];
  for (const event of await handledEvents(contracts.chain, contracts.store)) {
    landed.push(Number(hexToString(await readPayload(contracts.chain, contracts.store, event) ?? "0x")));
  }
  landed.sort((left, right) => left - right);
  assert.deepEqual(landed, Array.from({ length: 8 }, (_, index) => start + 20 * index));
});
