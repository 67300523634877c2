import assert from "node:assert/strict";
import { parseEventLogs, stringToHex } from "viem";
import { simpleTrigger } from "@components/contracts/mod.ts";
import { createHttpEndpoint } from "@/chains/mod.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import {
  type AggregatorAction,
  hexToBytes,
  parseBytes32,
  parseChainKey,
  parseEventId,
  parseEvmAddress,
  type Service,
} from "@/domain/mod.ts";
import type { Engine, Invocation } from "@/engine/mod.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import { addTrigger, deployContracts, type TestDeployment } from "@tests/support/contracts.ts";
import { LOCAL_CHAIN, requestOn, runRequest, type TriggerEvent } from "@tests/support/engine.ts";
import { startSample } from "@tests/support/sample.ts";

const HANDLER = parseEvmAddress(`0x${"de".repeat(20)}`);
const TOLD = {
  response: { payload: Uint8Array.of(1), ordering: undefined, eventIdSalt: undefined },
  eventId: parseEventId(`0x${"01".repeat(20)}`),
};
const SUBMIT: AggregatorAction = {
  kind: "submit",
  target: { kind: "evm", chain: parseChainKey("evm:31337"), address: HANDLER, gasPrice: undefined },
};

/** Emits an event of the sample trigger contract and reads it off the chain as the node does. */
async function emit({ chain, trigger }: TestDeployment): Promise<TriggerEvent> {
  const { transactionHash: hash } = await addTrigger(chain, trigger, stringToHex("hello"));
  const { logs } = await chain.reader.getTransactionReceipt({ hash });
  const [log] = parseEventLogs({ abi: simpleTrigger.abi, eventName: "NewTrigger", logs });
  assert.ok(log);
  const [contractAddress, topics] = [parseEvmAddress(log.address), log.topics.map(parseBytes32)];
  return {
    trigger: { kind: "manual" },
    data: {
      kind: "EvmContractEvent",
      chain: LOCAL_CHAIN.key,
      contractAddress,
      logData: { topics, data: hexToBytes(log.data) },
      txHash: parseBytes32(log.transactionHash),
      blockNumber: log.blockNumber,
      logIndex: BigInt(log.logIndex),
      blockHash: parseBytes32(log.blockHash),
      blockTimestamp: undefined,
      txIndex: BigInt(log.transactionIndex),
    },
  };
}

async function actionsOf(
  { engine, service }: { readonly engine: Engine; readonly service: Service },
  anvil: Anvil,
  { event, invocation }: { readonly event: TriggerEvent; readonly invocation: Invocation },
): Promise<readonly AggregatorAction[]> {
  const chains = [{ ...LOCAL_CHAIN, httpEndpoint: anvil.httpUrl }];
  const result = await runRequest(engine, { ...requestOn(service, event, invocation), chains });
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  assert.ok(result.outcome.kind === "actions");
  return result.outcome.actions;
}

Deno.test("timer_aggregator waits, then submits what is still on chain and drops what a reorg took out", async (t) => {
  await using anvil = await startAnvil();
  const contracts = await deployContracts(anvil);
  const config = { timer_delay_secs: "5", chain: "evm:31337", service_handler: HANDLER };
  await using sample = await startSample("timer_aggregator", { config });
  const event = await emit(contracts);
  const ask = (kind: "process-input" | "handle-timer-callback") =>
    actionsOf(sample, anvil, { event, invocation: { kind, ...TOLD } });

  await t.step("it asks to be woken up", async () => {
    assert.deepEqual(await ask("process-input"), [{ kind: "timer", delaySeconds: 5n }]);
  });
  await t.step("the transaction is where it was", async () => {
    assert.deepEqual(await ask("handle-timer-callback"), [SUBMIT]);
  });
  await t.step("the transaction is gone", async () => {
    await createHttpEndpoint(anvil.httpUrl, testContext()).request("anvil_rollback", [1]);
    assert.deepEqual(await ask("handle-timer-callback"), []);
  });
  await t.step("no transaction stands behind it", async () => {
    const raw: TriggerEvent = { trigger: { kind: "manual" }, data: { kind: "Raw", data: Uint8Array.of(1) } };
    const invocation: Invocation = { kind: "handle-timer-callback", ...TOLD };
    assert.deepEqual(await actionsOf(sample, anvil, { event: raw, invocation }), [SUBMIT]);
  });
});
