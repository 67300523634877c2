import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { demoService } from "@/cli/dev/service_document.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { uploadSamples } from "@tests/support/components.ts";
import { addTrigger, deployContracts, handledEvents, readAnswer } from "@tests/support/contracts.ts";
import { createHome } from "@tests/support/node_home.ts";
import { startTestNode } from "@tests/support/node.ts";

Deno.test("a contract's event runs a component and its signed answer lands on chain", async () => {
  await using anvil = await startAnvil();
  await using home = await createHome({ chains: [anvil] });
  const contracts = await deployContracts(anvil);
  const { chain } = contracts;
  await using node = await startTestNode(home);
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
  assert.equal(await readAnswer(chain, contracts.submit, triggerId), '{"y":144}');
  assert.equal((await handledEvents(chain, contracts.submit)).length, 1);

  const metrics = await (await fetch(new URL("/metrics", node.url))).text();
  assert.match(metrics, new RegExp(`^wavs_submissions_landed_total{chain="evm:${anvil.chainId}"} 1$`, "m"));
  assert.match(metrics, /^wavs_submission_gas_used_total{chain="[^"]+"} [1-9]\d+$/m);
  assert.match(metrics, /^wavs_guest_memory_limit_bytes [1-9]\d+$/m);
});
