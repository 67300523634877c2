import assert from "node:assert/strict";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  chainConfigOf,
  managerAt,
  signTestEnvelope,
  startAggregatorHarness,
  targetAt,
  testEnvelope,
} from "@tests/support/aggregator.ts";
import { startRpcProxy } from "@tests/support/rpc_proxy.ts";
import {
  type ChainConfig,
  type ChainKey,
  cosmosAddressOf,
  type CosmosChainConfig,
  isWavsError,
  parseChainKey,
} from "@/domain/mod.ts";

const SOMEBODY = "0x00000000000000000000000000000000000000aa";

const COSMOS: CosmosChainConfig = {
  kind: "cosmos",
  key: parseChainKey("cosmos:osmosis-1"),
  chainId: "osmosis-1",
  bech32Prefix: "osmo",
  rpcEndpoint: "http://127.0.0.1:1",
  grpcEndpoint: undefined,
  gasPrice: 0.1,
  gasDenom: "uosmo",
  faucetEndpoint: undefined,
};

/** A chain nobody listens for. */
function absentChain(key: ChainKey): ChainConfig {
  return { ...chainConfigOf({ chainId: 31_337, httpUrl: "http://127.0.0.1:1" }), key };
}

for (const carrier of ["in-thread", "worker"] as const) {
  Deno.test(`${carrier}: what lies on a Cosmos chain is refused by name`, async () => {
    await using aggregator = await startAggregatorHarness({ chains: [COSMOS], carrier });
    const address = cosmosAddressOf("osmo", new Uint8Array(20));
    const refused = (error: unknown) =>
      isWavsError(error, "chain_kind_unsupported") && !error.retryable && error.message.includes(COSMOS.key);
    const manager = { kind: "cosmos", chain: COSMOS.key, address } as const;
    const envelope = testEnvelope(1);
    const signatures = await signTestEnvelope(envelope, [1]);
    await assert.rejects(aggregator.api.serviceUri(manager), refused);
    await assert.rejects(aggregator.api.validate({ manager, envelope, signatures }), refused);
    const target = { ...manager, gasPrice: undefined };
    await assert.rejects(
      aggregator.api.submit({
        actionId: 1,
        target,
        envelope,
        signatures,
        turn: { before: [], delayMs: 0 },
        earlier: [],
      }),
      refused,
    );
    const [health] = await aggregator.api.chainHealth(undefined);
    assert.match(health?.error ?? "", /^\[cosmos:osmosis-1\] /);
  });

  Deno.test(`${carrier}: a chain nobody configured is refused by name`, async () => {
    await using aggregator = await startAggregatorHarness({ chains: [], carrier });
    await assert.rejects(
      aggregator.api.serviceUri(managerAt(parseChainKey("evm:5"), SOMEBODY)),
      (error) => isWavsError(error, "chain_unknown") && error.message.includes(`"evm:5"`),
    );
  });

  Deno.test(`${carrier}: a service URI needs an HTTP endpoint, and the error names its setting`, async () => {
    const chain = { ...absentChain(parseChainKey("evm:31337")), httpEndpoint: undefined } as ChainConfig;
    await using aggregator = await startAggregatorHarness({ chains: [chain], carrier });
    await assert.rejects(
      aggregator.api.serviceUri(managerAt(chain.key, SOMEBODY)),
      (error) =>
        isWavsError(error, "chain_endpoint_missing") && error.message.includes(`"chains.evm.31337.http_endpoint"`),
    );
  });

  Deno.test(`${carrier}: chains are checked side by side and told apart`, async () => {
    await using anvil = await startAnvil();
    const healthy = chainConfigOf(anvil);
    const absent = absentChain(parseChainKey("evm:7"));
    await using aggregator = await startAggregatorHarness({ chains: [absent, healthy], carrier });
    const [first, second] = await aggregator.api.chainHealth(undefined);
    assert.match(first?.error ?? "", /^\[evm:7\] block number: /);
    assert.deepEqual(second, { chain: healthy.key, error: undefined });
  });

  Deno.test(`${carrier}: without a transaction key nothing is submitted`, async () => {
    await using anvil = await startAnvil();
    const chain = chainConfigOf(anvil);
    await using aggregator = await startAggregatorHarness({ chains: [chain], carrier, credential: null });
    const envelope = testEnvelope(1);
    const signatures = await signTestEnvelope(envelope, [1]);
    const request = {
      actionId: 1,
      target: targetAt(chain.key, SOMEBODY),
      envelope,
      signatures,
      turn: { before: [], delayMs: 0 },
      earlier: [],
    };
    await assert.rejects(aggregator.api.submit(request), (error) => isWavsError(error, "no_aggregator_credential"));
  });

  Deno.test(`${carrier}: a chain that serves another id gets no transaction`, async () => {
    await using anvil = await startAnvil();
    const chain = { ...chainConfigOf(anvil), chainId: "1" };
    await using aggregator = await startAggregatorHarness({ chains: [chain], carrier });
    const envelope = testEnvelope(1);
    const signatures = await signTestEnvelope(envelope, [1]);
    const request = {
      actionId: 1,
      target: targetAt(chain.key, SOMEBODY),
      envelope,
      signatures,
      turn: { before: [], delayMs: 0 },
      earlier: [],
    };
    await assert.rejects(aggregator.api.submit(request), (error) => isWavsError(error, "chain_id_mismatch"));
    assert.equal(aggregator.rows.length, 0);
  });

  Deno.test(`${carrier}: a chain at its first block is asked again later`, async () => {
    await using anvil = await startAnvil();
    await using proxy = startRpcProxy(anvil.httpUrl);
    // Anything with code will do: it must not be called before there is a block to judge by.
    proxy.answer("eth_getCode", "0x00");
    const chain = { ...chainConfigOf(anvil), httpEndpoint: proxy.url };
    await using aggregator = await startAggregatorHarness({ chains: [chain], carrier });
    const envelope = testEnvelope(1);
    const signatures = await signTestEnvelope(envelope, [1]);
    await assert.rejects(
      aggregator.api.validate({ manager: managerAt(chain.key, SOMEBODY), envelope, signatures }),
      (error) => isWavsError(error, "no_reference_block") && error.retryable,
    );
  });

  Deno.test(`${carrier}: a revision that does not exist cannot settle`, async () => {
    await using aggregator = await startAggregatorHarness({ chains: [], carrier });
    await aggregator.api.settled(1);
    await assert.rejects(aggregator.api.settled(2), (error) => isWavsError(error, "registry_behind"));
  });
}

Deno.test("the worker reaches no endpoint that was not configured when it started", async () => {
  await using anvil = await startAnvil();
  const chain = chainConfigOf(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chain], permitted: [], carrier: "worker" });
  await assert.rejects(
    aggregator.api.serviceUri(managerAt(chain.key, SOMEBODY)),
    (error) => isWavsError(error, "rpc_unreachable") && /net access/.test(error.message),
  );
});

Deno.test("an endpoint may be called by a name", async () => {
  await using anvil = await startAnvil();
  const chain = chainConfigOf({ ...anvil, httpUrl: `http://localhost:${anvil.port}` });
  await using aggregator = await startAggregatorHarness({ chains: [chain], carrier: "worker" });
  assert.deepEqual(await aggregator.api.chainHealth(undefined), [{ chain: chain.key, error: undefined }]);
});
