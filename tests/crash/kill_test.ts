import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { hexToString, parseAbiItem, stringToHex } from "viem";
import { buildComponents } from "@components/build.ts";
import { NodeClient } from "@/cli/dev/node_client.ts";
import { demoService } from "@/cli/dev/service_document.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  addTrigger,
  deployContracts,
  readSignedData,
  registerOperator,
  setServiceUri,
  TEST_MNEMONIC,
  testAccount,
  type TestDeployment,
} from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { startRpcProxy } from "@tests/support/rpc_proxy.ts";

const PATIENCE_MS = 30_000;

/** A node in a process of its own, so that it can be killed. */
class NodeProcess {
  readonly #home: string;
  readonly url: string;
  #child: Deno.ChildProcess | undefined;

  constructor(home: string, port: number) {
    this.#home = home;
    this.url = `http://127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("../../main.ts", import.meta.url).pathname, "run", "--home", this.#home],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until("the node answers", async () => {
      const response = await fetch(`${this.url}/info`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok === true;
    });
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    this.#child = undefined;
  }
}

async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await condition()) {
    assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** One value from the journal of a node, which may be running. */
function query(home: string, sql: string): unknown {
  const database = new DatabaseSync(`${home}/data/wavs.sqlite`, { readOnly: true });
  try {
    return database.prepare(sql).get()?.value;
  } finally {
    database.close();
  }
}

/** Registers the square service with a running node, as `deno task dev` does. */
async function register(url: string, deployment: TestDeployment, chainId: number): Promise<void> {
  const client = new NodeClient(url);
  const built = await buildComponents({ names: ["square", "simple_aggregator"] });
  const digests = await Promise.all(
    built.map(async ({ path }) => await client.uploadComponent(await Deno.readFile(path))),
  );
  const [square, aggregator] = digests;
  assert.ok(square && aggregator);
  const service = demoService({ chain: `evm:${chainId}`, contracts: deployment, square, aggregator });
  const { uri } = await client.saveService(service);
  await setServiceUri(deployment.chain, deployment.manager, uri);
  await client.registerService(service.manager);
  const signingKey = await client.signerAddress(service.manager);
  const operator = testAccount(5).address;
  await registerOperator(deployment.chain, deployment.manager, { operator, signingKey, weight: 1n });
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
    const home = await Deno.makeTempDir();
    const port = freePort();
    await Deno.writeTextFile(
      `${home}/wavs.toml`,
      `[wavs]
port = ${port}
data = "${home}/data"
signing_mnemonic = "${TEST_MNEMONIC}"
aggregator_evm_credential = "${TEST_MNEMONIC}"
dev_endpoints_enabled = true
allow_private_networks = true
[default.chains.evm.${anvil.chainId}]
ws_endpoints = []
http_endpoint = "${proxy.url}"
`,
    );
    const node = new NodeProcess(home, port);
    try {
      const deployment = await deployContracts(anvil);
      await node.start();
      await register(node.url, deployment, anvil.chainId);

      proxy[cut.breaks]((method) => method === cut.method);
      const { triggerId } = await addTrigger(deployment.chain, deployment.trigger, stringToHex('{"x":9}'));
      await until("the event has got that far", () => Number(query(home, cut.reached)) > 0);
      await node.kill();
      proxy[cut.breaks](() => false);
      await node.start();

      await until("the event is final", () => query(home, "SELECT state AS value FROM events") === "final");
      const signed = await readSignedData(deployment.chain, deployment.submit, triggerId);
      assert.equal(hexToString(signed?.data ?? "0x"), '{"y":81}');
      const handled = await deployment.chain.reader.getLogs({
        address: deployment.submit,
        event: parseAbiItem("event EventHandled(bytes20 indexed eventId)"),
        fromBlock: 0n,
      });
      assert.equal(handled.length, 1, "the event had its effect once");
      assert.equal(Number(query(home, "SELECT COUNT(*) AS value FROM events")), 1);
    } finally {
      await node.kill();
      await Deno.remove(home, { recursive: true });
    }
  });
}
