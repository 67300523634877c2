import assert from "node:assert/strict";
import { createPublicClient, parseAbi } from "viem";
import { isWavsError, WavsError } from "@/domain/mod.ts";
import { parseChainKey } from "@/domain/ids.ts";
import { type EvmChainConfig, REFERENCE_READING } from "@/domain/chain_config.ts";
import { MAX_RPC_ANSWER_BYTES } from "../limits.ts";
import { createEvmClient } from "./client.ts";
import { endpointLabel } from "./errors.ts";
import { checkEvmChain } from "./health.ts";
import { testContext } from "./testing/context.ts";
import { ScriptedChain } from "./testing/scripted_chain.ts";
import { createViemTransport } from "./viem_transport.ts";
import { openWsConnection } from "./ws_connection.ts";

const CLOSED_PORT = "http://127.0.0.1:9";

function config(endpoints: Partial<EvmChainConfig>): EvmChainConfig {
  return {
    kind: "evm",
    key: parseChainKey("evm:31337"),
    chainId: "31337",
    wsEndpoints: [],
    httpEndpoint: undefined,
    faucetEndpoint: undefined,
    wsPriorityEndpointIndex: undefined,
    reading: REFERENCE_READING,
    ...endpoints,
  };
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => isWavsError(error, code);
}

Deno.test("a request is answered over HTTP and over a WebSocket alike", async () => {
  await using chain = new ScriptedChain();
  for (const endpoints of [{ httpEndpoint: chain.httpUrl }, { wsEndpoints: [chain.wsUrl] }]) {
    await using client = createEvmClient(config(endpoints), testContext());
    assert.equal(await client.request("eth_chainId", []), "0x7a69");
    await assert.rejects(client.request("eth_unknown", []), (error) => {
      assert.ok(isWavsError(error, "rpc_error"));
      assert.equal(error.meta.rpcCode, -32_601);
      return true;
    });
  }
});

Deno.test("an endpoint that is down is passed over, and not asked again at once", async () => {
  await using chain = new ScriptedChain();
  const context = testContext();
  await using client = createEvmClient(config({ httpEndpoint: CLOSED_PORT, wsEndpoints: [chain.wsUrl] }), context);
  for (let request = 0; request < 5; request++) assert.equal(await client.request("eth_blockNumber", []), "0x0");
  assert.equal(context.records.filter(({ message }) => /no usable answer/.test(message)).length, 1);
});

const BROKEN_ANSWERS: Readonly<Record<string, string>> = {
  "an empty body": "",
  "HTML": "<html>bad gateway</html>",
  "an array": "[]",
  "neither result nor error": '{"jsonrpc":"2.0","id":1}',
  "a subscription": '{"method":"eth_subscription","params":{"subscription":"0x1","result":1}}',
};

for (const [name, raw] of Object.entries(BROKEN_ANSWERS)) {
  Deno.test(`an endpoint that answers with ${name} is passed over`, async () => {
    await using broken = new ScriptedChain();
    await using chain = new ScriptedChain();
    broken.intercept = () => ({ raw });
    const endpoints = { httpEndpoint: broken.httpUrl, wsEndpoints: [chain.wsUrl] };
    await using client = createEvmClient(config(endpoints), testContext());
    assert.equal(await client.request("eth_blockNumber", []), "0x0");
  });
}

Deno.test("an overloaded endpoint is passed over", async () => {
  await using broken = new ScriptedChain();
  await using chain = new ScriptedChain();
  broken.intercept = () => ({ silence: true });
  const endpoints = { httpEndpoint: broken.httpUrl, wsEndpoints: [chain.wsUrl] };
  await using client = createEvmClient(config(endpoints), testContext());
  assert.equal(await client.request("eth_blockNumber", []), "0x0");
});

Deno.test("an endpoint that does not answer in time is passed over", async () => {
  await using silent = new ScriptedChain();
  await using chain = new ScriptedChain();
  silent.intercept = () => ({ silence: true });
  await using client = createEvmClient(config({ wsEndpoints: [silent.wsUrl, chain.wsUrl] }), testContext());
  assert.equal(await client.request("eth_blockNumber", [], { timeoutMs: 50 }), "0x0");
});

Deno.test("a caller that gives up is answered at once", async () => {
  await using silent = new ScriptedChain();
  silent.intercept = () => ({ silence: true });
  await using client = createEvmClient(config({ wsEndpoints: [silent.wsUrl] }), testContext());
  const controller = new AbortController();
  const asked = client.request("eth_blockNumber", [], { signal: controller.signal });
  controller.abort();
  await assert.rejects(asked, hasCode("rpc_aborted"));
});

Deno.test("an answer beyond the limit is not read to its end", async () => {
  await using chain = new ScriptedChain();
  chain.intercept = () => ({ raw: " ".repeat(MAX_RPC_ANSWER_BYTES + 1) });
  await using client = createEvmClient(config({ httpEndpoint: chain.httpUrl }), testContext());
  await assert.rejects(client.request("eth_blockNumber", []), hasCode("rpc_answer_too_large"));
});

Deno.test("a WebSocket that was closed is opened again with the next request", async () => {
  await using chain = new ScriptedChain();
  await using client = createEvmClient(config({ wsEndpoints: [chain.wsUrl] }), testContext());
  await client.request("eth_blockNumber", []);
  chain.disconnect();
  while (chain.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.request("eth_blockNumber", []).catch(() => client.request("eth_blockNumber", []));
  assert.equal(chain.connections, 1);
});

Deno.test("an answer meant for nobody is ignored", async () => {
  await using chain = new ScriptedChain();
  await using connection = await openWsConnection(chain.wsUrl, { context: testContext() });
  chain.sendRaw('{"jsonrpc":"2.0","id":99,"result":1}');
  assert.equal(await connection.request("eth_blockNumber", []), "0x0");
});

Deno.test("a client without endpoints is refused with the setting that is missing", () => {
  assert.throws(
    () => createEvmClient(config({}), testContext()),
    /"chains\.evm\.31337" has neither "ws_endpoints" nor "http_endpoint"/,
  );
});

Deno.test("viem asks through the client and decodes its refusals", async () => {
  await using chain = new ScriptedChain();
  await using client = createEvmClient(config({ httpEndpoint: chain.httpUrl }), testContext());
  const viem = createPublicClient({ transport: createViemTransport(client) });
  assert.equal(await viem.getChainId(), 31_337);
  const abi = parseAbi(["error Broke()", "function get() view returns (uint256)"]);
  chain.intercept = (method) =>
    method === "eth_call" ? { error: { code: 3, message: "execution reverted", data: "0x3d7d0a4b" } } : undefined;
  const call = viem.readContract({ address: `0x${"11".repeat(20)}`, abi, functionName: "get" });
  await assert.rejects(call, (error: Error) => {
    assert.match(error.message, /0x3d7d0a4b|Broke/);
    assert.ok(!error.message.includes(chain.httpUrl));
    return true;
  });
});

Deno.test("a healthy chain passes its check, a chain in trouble is named with what is wrong", async () => {
  await using chain = new ScriptedChain();
  await checkEvmChain(config({ wsEndpoints: [chain.wsUrl], httpEndpoint: CLOSED_PORT }), testContext());
  chain.intercept = (method) => method === "eth_syncing" ? { result: { currentBlock: "0x1" } } : undefined;
  await assert.rejects(
    checkEvmChain(config({ wsEndpoints: [chain.wsUrl] }), testContext()),
    (error) => error instanceof WavsError && error.message.startsWith("[evm:31337] sync state: "),
  );
  await assert.rejects(
    checkEvmChain(config({ httpEndpoint: CLOSED_PORT }), testContext()),
    (error) => error instanceof WavsError && error.message.startsWith("[evm:31337] block number: "),
  );
});

Deno.test("access keys in an endpoint's URL are not shown", () => {
  const label = endpointLabel("wss://user:secret@node.example:8546/v2/key?token=x");
  assert.equal(label, "wss://node.example:8546/…");
  assert.equal(endpointLabel("ws://127.0.0.1:8545"), "ws://127.0.0.1:8545");
});
