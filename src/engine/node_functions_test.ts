import assert from "node:assert/strict";
import { type CosmosChainConfig, parseChainKey, parseEventId } from "@/domain/mod.ts";
import type { GuestCall } from "@tests/support/guest_scripts.ts";
import { LOCAL_CHAIN, payloadsOf, requestOf, runRequest, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import type { ExecutionResult, Invocation } from "./types.ts";

const COSMOS_CHAIN: CosmosChainConfig = {
  kind: "cosmos",
  key: parseChainKey("cosmos:wasmd-1"),
  chainId: "wasmd-1",
  bech32Prefix: "wasm",
  rpcEndpoint: "http://127.0.0.1:26657",
  grpcEndpoint: undefined,
  gasPrice: 0.025,
  gasDenom: "ucosm",
  faucetEndpoint: undefined,
};

const CALLS: readonly GuestCall[] = [
  ["host.getEvmChainConfig", "evm:31337"],
  ["host.getEvmChainConfig", "cosmos:wasmd-1"],
  ["host.getEvmChainConfig", "no chain key"],
  ["host.getCosmosChainConfig", "cosmos:wasmd-1"],
  ["host.getCosmosChainConfig", "evm:31337"],
  ["host.configVar", "colour"],
  ["host.configVar", "shape"],
  ["host.log", { tag: "warn" }, "seen"],
  ["service = host.getService"],
  ["workflow = host.getWorkflow"],
];

function checkAnswers(answers: readonly unknown[]): void {
  const [evm, notEvm, noKey, cosmos, notCosmos, colour, shape, logged, service, workflow] = answers;
  assert.deepEqual(evm, { chainId: "31337", wsEndpoints: [], httpEndpoint: null });
  const { gasPrice, ...rest } = cosmos as Record<string, unknown>;
  assert.ok(Math.abs(Number(gasPrice) - 0.025) < 1e-6, "a gas price has 32 bits");
  assert.deepEqual(rest, {
    chainId: "wasmd-1",
    rpcEndpoint: "http://127.0.0.1:26657",
    grpcEndpoint: null,
    grpcWebEndpoint: null,
    gasDenom: "ucosm",
    bech32Prefix: "wasm",
  });
  assert.deepEqual([notEvm, noKey, notCosmos, colour, shape, logged], [null, null, null, "blue", null, null]);
  const { service: definition, workflowId } = service as { service: Record<string, unknown>; workflowId: string };
  assert.deepEqual([definition.name, workflowId], ["test", "default"]);
  assert.deepEqual(Object.keys(workflow as object).sort(), ["workflow", "workflowId"]);
}

/** Results as the guest wrote them. */
function read(text: string | undefined): unknown[] {
  return (JSON.parse(text ?? "[]") as { ok?: unknown; error?: unknown }[]).map(({ ok, error }) => ok ?? error ?? null);
}

async function run(guest: string, calls: readonly GuestCall[], invocation?: Invocation): Promise<ExecutionResult> {
  await using started = await startEngine({ carrier: "in-thread" });
  const operator = await started.engine.upload(await scriptGuest(guest));
  const service = serviceOf({ operator, config: { colour: "blue" } });
  const request = requestOf(service, JSON.stringify(calls), invocation);
  return await runRequest(started.engine, { ...request, chains: [LOCAL_CHAIN, COSMOS_CHAIN] });
}

Deno.test("an operator component learns of chains, configuration, service and workflow, and logs", async () => {
  const result = await run("node_functions", CALLS);
  checkAnswers(read(payloadsOf(result)[0]));
  assert.deepEqual(result.report.logs, [{ level: "warn", stream: "log", message: "seen" }]);
});

Deno.test("an aggregator component learns the same of the service it aggregates for", async () => {
  const response = { payload: Uint8Array.of(1), ordering: undefined, eventIdSalt: undefined };
  const eventId = parseEventId(`0x${"ab".repeat(20)}`);
  const result = await run("node_functions_aggregator", CALLS, { kind: "process-input", response, eventId });
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  const [seen, answers] = result.report.logs;
  assert.deepEqual(seen, { level: "warn", stream: "log", message: "seen" });
  checkAnswers(read(answers?.message));
});
