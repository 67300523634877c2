import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
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
import { startRpcProxy } from "@tests/support/rpc_proxy.ts";
import { until } from "@tests/support/until.ts";

/** One value from the journal of a node, which may be running. */
function query(data: string, sql: string): unknown {
  const database = new DatabaseSync(`${data}/wavs.sqlite`, { readOnly: true });
  try {
    return database.prepare(sql).get()?.value;
  } finally {
    database.close();
  }
}

const CUTS = [
  {
    name: "after it was signed, before the quorum was asked",
    breaks: "fail",
    method: "eth_call",
    reached: "SELECT COUNT(*) AS value FROM submissions WHERE state = 'signed' AND attempts > 0",
  },
  {
    name: "after its transaction was recorded, before it was sent",
    breaks: "fail",
    method: "eth_sendRawTransaction",
    reached: "SELECT COUNT(*) AS value FROM transactions",
  },
  {
    name: "after its transaction was sent, before the node knew",
    breaks: "loseAnswers",
    method: "eth_sendRawTransaction",
    reached: "SELECT COUNT(*) AS value FROM actions WHERE state = 'submitting' AND attempts > 0",
  },
] as const;

for (const cut of CUTS) {
  Deno.test(`a node that is killed ${cut.name} brings the event on chain once`, async () => {
    await using anvil = await startAnvil();
    await using proxy = startRpcProxy(anvil.httpUrl);
    const port = freePort();
    const url = `http://127.0.0.1:${port}`;
    await using home = await createHome({
      chains: [{ chainId: anvil.chainId, httpUrl: proxy.url }],
      settings: { port: String(port) },
    });
    const contracts = await deployContracts(anvil);
    const { chain } = contracts;
    let triggerId: bigint;
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
      proxy[cut.breaks]((method) => method === cut.method);
      ({ triggerId } = await addTrigger(chain, contracts.trigger, stringToHex('{"x":9}')));
      await until("the event has got that far", () => Number(query(home.data, cut.reached)) > 0);
      await node.kill();
    }
    proxy[cut.breaks](() => false);
    await using node = new NodeProcess(["run", "--home", home.path]);
    await node.ready(url);

    await until("the event is final", () => query(home.data, "SELECT state AS value FROM events") === "final");
    assert.equal(await readAnswer(chain, contracts.submit, triggerId), '{"y":81}');
    assert.equal((await handledEvents(chain, contracts.submit)).length, 1, "the event had its effect once");
    assert.equal(Number(query(home.data, "SELECT COUNT(*) AS value FROM events")), 1);
  });
}
