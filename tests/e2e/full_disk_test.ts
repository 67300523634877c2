import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { NodeClient } from "@/cli/dev/node_client.ts";
import { registerService } from "@/cli/dev/register.ts";
import { demoService } from "@/cli/dev/service_document.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { uploadSamples } from "@tests/support/components.ts";
import { addTrigger, deployContracts, handledEvents, readAnswer } from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { createHome } from "@tests/support/node_home.ts";
import { NodeProcess } from "@tests/support/node_process.ts";
import { mountSmallVolume } from "@tests/support/small_volume.ts";
import { until } from "@tests/support/until.ts";

const VOLUME_MIB = 24;

const mounted = await mountSmallVolume(VOLUME_MIB);
if ("absent" in mounted) {
  Deno.stderr.writeSync(
    new TextEncoder().encode(`SKIPPED: the full disk of a running node, because ${mounted.absent}\n`),
  );
}

Deno.test({
  name: "a node whose disk is full says so, loses nothing, and goes on once there is room",
  ignore: "absent" in mounted,
  fn: async () => {
    assert.ok("volume" in mounted);
    await using volume = mounted.volume;
    await using anvil = await startAnvil();
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    await using home = await createHome({
      chains: [anvil],
      data: `${volume.path}/data`,
      settings: { port: String(port) },
    });
    const contracts = await deployContracts(anvil);
    const { chain } = contracts;
    {
      await using node = new NodeProcess(["run", "--home", home.path]);
      await node.ready(url);
      const client = new NodeClient(url);
      const { square, simple_aggregator } = await uploadSamples(client, ["square", "simple_aggregator"]);
      const service = demoService({
        chain: `evm:${anvil.chainId}`,
        contracts,
        operator: square,
        aggregator: simple_aggregator,
      });
      await registerService({ chain, client }, service);
      await volume.fill();

      const upload = await fetch(`${url}/dev/components`, { method: "POST", body: new Uint8Array(2_000_000) });
      assert.ok(upload.status >= 400, "nothing can be stored");
      await upload.body?.cancel();
      const { triggerId } = await addTrigger(chain, contracts.trigger, stringToHex('{"x":6}'));
      // It is noticed by whoever cannot write; the API goes on answering meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      assert.equal((await fetch(`${url}/info`)).status, 200);
      await volume.free();

      await until(
        "the answer is on chain",
        async () => await readAnswer(chain, contracts.submit, triggerId) !== undefined,
      );
      assert.equal(await readAnswer(chain, contracts.submit, triggerId), '{"y":36}');
      const { stderr } = await node.kill();
      assert.match(stderr, /free some space on the volume of the data directory/);
    }
    await volume.fill();
    await using again = new NodeProcess(["run", "--home", home.path]);
    const isUp = await Promise.race([again.ready(url).then(() => true, () => false), again.ended.then(() => false)]);
    if (!isUp) {
      const { code, stderr } = await again.ended;
      assert.equal(code, 75, stderr);
      assert.match(stderr, /^wavs: .*free some space/m);
    }
    await volume.free();
    await again.kill();
    await using node = new NodeProcess(["run", "--home", home.path]);
    await node.ready(url);
    const { service_ids } = await (await fetch(`${url}/services`)).json() as { service_ids: string[] };
    assert.equal(service_ids.length, 1, "the service is still registered");
    assert.equal((await handledEvents(chain, contracts.submit)).length, 1, "the event had its effect once");
  },
});
