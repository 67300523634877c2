import assert from "node:assert/strict";
import { type Hex, parseEther } from "viem";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  chainConfigOf,
  managerAt,
  signTestEnvelope,
  startAggregatorHarness,
  targetAt,
  testEnvelope,
} from "@tests/support/aggregator.ts";
import { readPayload, SENDER_INDEX, setServiceUri, testAccount } from "@tests/support/contracts.ts";
import { isWavsError, type TransactionRow } from "@/domain/mod.ts";
import {
  anvilControl,
  assertStored,
  deployFor,
  OPERATOR,
  SENDER,
  sentCount,
  submitEvent,
} from "@tests/support/submissions.ts";
import { startRpcProxy } from "@tests/support/rpc_proxy.ts";

for (const carrier of ["in-thread", "worker"] as const) {
  Deno.test(`${carrier}: a signed envelope is validated and lands`, async () => {
    await using anvil = await startAnvil();
    const deployment = await deployFor(anvil);
    const chain = chainConfigOf(anvil);
    await setServiceUri(deployment.chain, deployment.manager, "http://example.test/service.json");
    await using aggregator = await startAggregatorHarness({ chains: [chain], carrier });

    const manager = managerAt(chain.key, deployment.manager);
    assert.equal(await aggregator.api.serviceUri(manager), "http://example.test/service.json");
    const envelope = testEnvelope(1);
    const outcome = await aggregator.api.validate({
      manager,
      envelope,
      signatures: await signTestEnvelope(envelope, [1]),
    });
    assert.equal(outcome.kind, "reached");

    const landed = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
    assert.ok(landed.kind === "landed");
    const receipt = await deployment.chain.reader.getTransactionReceipt({ hash: landed.landing.txHash });
    assert.equal(receipt.status, "success");
    assert.equal(receipt.blockNumber, landed.landing.blockNumber);
    assert.equal(receipt.gasUsed, landed.gasUsed);
    assert.equal(aggregator.rows[0]?.hash, landed.landing.txHash);
    await assertStored(deployment, 1);
    assert.deepEqual(await aggregator.api.chainHealth(undefined), [{ chain: chain.key, error: undefined }]);
    await aggregator.api.settled(1);
  });
}

Deno.test("200 submissions at once land exactly once each, with contiguous nonces", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)] });
  const events = Array.from({ length: 200 }, (_, index) => index + 1);

  const outcomes = await Promise.all(
    events.map((event) => submitEvent(anvil, aggregator, { event, handler: deployment.store })),
  );

  assert.ok(outcomes.every(({ kind }) => kind === "landed"));
  assert.deepEqual(aggregator.rows.map(({ nonce }) => nonce).sort((a, b) => a - b), events.map((event) => event - 1));
  assert.equal(await sentCount(deployment), events.length);
  const { eventId } = testEnvelope(200);
  assert.ok(await readPayload(deployment.chain, deployment.store, eventId) !== undefined);
});

Deno.test("submissions of one second share its block", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await anvilControl(anvil).setIntervalMining({ interval: 1 });
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)] });

  const outcomes = await Promise.all(
    Array.from(
      { length: 30 },
      (_, index) => submitEvent(anvil, aggregator, { event: index + 1, handler: deployment.store }),
    ),
  );

  const blocks = new Set(outcomes.map((outcome) => outcome.kind === "landed" ? outcome.landing.blockNumber : -1n));
  assert.ok(!blocks.has(-1n), "all landed");
  assert.ok(blocks.size < 10, `30 transactions took ${blocks.size} blocks`);
});

Deno.test("a transaction that was recorded but never sent is sent after a restart, and lands once", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const chains = [chainConfigOf(anvil)];
  const rows: TransactionRow[] = [];
  {
    const afterRecord = () => {
      throw new Error("the process died here");
    };
    await using dying = await startAggregatorHarness({ chains, rows, afterRecord });
    await assert.rejects(submitEvent(anvil, dying, { event: 1, handler: deployment.store }));
  }
  assert.equal(await sentCount(deployment), 0);

  await using aggregator = await startAggregatorHarness({ chains, rows });
  const outcome = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });

  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, rows[0]?.hash);
  assert.equal(rows.length, 1);
  assert.equal(await sentCount(deployment), 1);
  await assertStored(deployment, 1);
});

Deno.test("a transaction that was sent before a crash is found after it, mined or not", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const chains = [chainConfigOf(anvil)];
  const rows: TransactionRow[] = [];
  const control = anvilControl(anvil);
  await control.setAutomine(false);
  {
    await using dying = await startAggregatorHarness({ chains, rows });
    const lost = submitEvent(anvil, dying, { event: 1, handler: deployment.store });
    lost.catch(() => {});
    while ((await control.getTxpoolStatus()).pending === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await using aggregator = await startAggregatorHarness({ chains, rows });
  const pending = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  await control.setAutomine(true);
  await control.mine({ blocks: 1 });
  const outcome = await pending;
  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, rows[0]?.hash);
  assert.deepEqual(await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store }), outcome);
  assert.equal(rows.length, 1);
  assert.equal(await sentCount(deployment), 1);
});

Deno.test("transactions behind one that was recorded but given up do not wait for ever", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const chains = [chainConfigOf(anvil)];
  const rows: TransactionRow[] = [];
  {
    const afterRecord = () => {
      throw new Error("the process died here");
    };
    await using dying = await startAggregatorHarness({ chains, rows, afterRecord });
    await assert.rejects(submitEvent(anvil, dying, { event: 1, handler: deployment.store }));
  }
  await using aggregator = await startAggregatorHarness({ chains, rows, hurried: true });
  const outcome = await submitEvent(anvil, aggregator, { event: 2, handler: deployment.store });
  assert.equal(outcome.kind, "landed");
  assert.deepEqual(aggregator.rowsOf(2).map(({ nonce }) => nonce), [1]);

  // The first action comes back after all: its nonce is used, so it makes a new transaction.
  assert.equal((await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store })).kind, "landed");
  assert.deepEqual(aggregator.rowsOf(1).map(({ nonce }) => nonce), [0, 2]);
  await assertStored(deployment, 1);
});

Deno.test("a recorded transaction whose fee has become too low is replaced by one with the same nonce", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const chains = [chainConfigOf(anvil)];
  const rows: TransactionRow[] = [];
  {
    const afterRecord = () => {
      throw new Error("the process died here");
    };
    await using dying = await startAggregatorHarness({ chains, rows, afterRecord });
    await assert.rejects(submitEvent(anvil, dying, { event: 1, handler: deployment.store }));
  }
  const control = anvilControl(anvil);
  await control.setNextBlockBaseFeePerGas({ baseFeePerGas: 100_000_000_000n });
  await control.mine({ blocks: 1 });

  await using aggregator = await startAggregatorHarness({ chains, rows });
  const outcome = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });

  assert.deepEqual(rows.map(({ nonce }) => nonce), [0, 0]);
  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, rows[1]?.hash);
  assert.equal(await sentCount(deployment), 1);
});

Deno.test("an event that is handled already has landed before", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)] });
  const first = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  const again = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store, earlier: [] });
  assert.ok(first.kind === "landed");
  assert.deepEqual(again, { kind: "landed_before", landing: first.landing, gasLost: 0n });
  assert.equal(await sentCount(deployment), 1);
});

Deno.test("a race lost between sending and mining has landed before", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const control = anvilControl(anvil);
  const chains = [chainConfigOf(anvil)];
  await using aggregator = await startAggregatorHarness({ chains });
  await control.setAutomine(false);
  const first = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  while (aggregator.rows.length < 1) await new Promise((resolve) => setTimeout(resolve, 20));
  // Another action with the same event: what another operator's node would do.
  const envelope = testEnvelope(1);
  const second = aggregator.api.submit({
    actionId: 2,
    target: targetAt(chainConfigOf(anvil).key, deployment.store),
    envelope,
    signatures: await signTestEnvelope(envelope, [OPERATOR]),
    turn: { before: [], delayMs: 0 },
    earlier: [],
  });
  while ((await control.getTxpoolStatus()).pending < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await control.mine({ blocks: 1 });
  const outcomes = await Promise.all([first, second]);
  const winner = outcomes.find(({ kind }) => kind === "landed");
  const loser = outcomes.find(({ kind }) => kind === "landed_before");
  assert.ok(
    winner?.kind === "landed" && loser?.kind === "landed_before",
    JSON.stringify(outcomes.map(({ kind }) => kind)),
  );
  assert.deepEqual(loser.landing, winner.landing, "it is told by which transaction");
  assert.ok(loser.gasLost > 21_000n);
  assert.equal(await sentCount(deployment), 2);
});

Deno.test("signatures below the threshold are told with their weights", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil, [1, 2, 3]);
  const chain = chainConfigOf(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chain] });
  const envelope = testEnvelope(1);
  const signatures = await signTestEnvelope(envelope, [1]);
  const weights = { signerWeight: 10_000n, thresholdWeight: 20_000n, totalWeight: 30_000n };
  assert.deepEqual(
    await aggregator.api.validate({ manager: managerAt(chain.key, deployment.manager), envelope, signatures }),
    { kind: "insufficient", ...weights },
  );
  await assert.rejects(submitEvent(anvil, aggregator, { event: 1, handler: deployment.store }), (error) => {
    assert.ok(isWavsError(error, "insufficient_quorum") && error.retryable);
    const { handler: _handler, ...told } = error.meta;
    assert.deepEqual(told, weights);
    return true;
  });
  const enough = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store, hdIndexes: [3, 1] });
  assert.equal(enough.kind, "landed");
  assert.deepEqual(aggregator.rows.map(({ nonce }) => nonce), [0]);
});

Deno.test("a signer nobody registered is refused, retryable", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const chain = chainConfigOf(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chain] });
  const envelope = testEnvelope(1);
  const signatures = await signTestEnvelope(envelope, [5]);
  const manager = managerAt(chain.key, deployment.manager);
  assert.deepEqual(await aggregator.api.validate({ manager, envelope, signatures }), { kind: "signer_not_registered" });
  await assert.rejects(
    submitEvent(anvil, aggregator, { event: 1, handler: deployment.store, hdIndexes: [5] }),
    (error) => isWavsError(error, "signer_not_registered") && error.retryable,
  );
});

Deno.test("addresses without the right contract are named", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const chain = chainConfigOf(anvil);
  const nobody = "0x00000000000000000000000000000000000000aa";
  await using aggregator = await startAggregatorHarness({ chains: [chain] });
  const envelope = testEnvelope(1);
  const signatures = await signTestEnvelope(envelope, [1]);
  const isFinal = (code: string) => (error: unknown) => isWavsError(error, code) && !error.retryable;
  await assert.rejects(submitEvent(anvil, aggregator, { event: 1, handler: nobody }), isFinal("handler_missing"));
  await assert.rejects(
    submitEvent(anvil, aggregator, { event: 1, handler: deployment.trigger }),
    isFinal("handler_reverted"),
  );
  const manager = managerAt(chain.key, nobody);
  await assert.rejects(aggregator.api.validate({ manager, envelope, signatures }), isFinal("manager_missing"));
  await assert.rejects(aggregator.api.serviceUri(manager), isFinal("no_service_manager"));
  assert.equal(aggregator.rows.length, 0);
});

Deno.test("a chain that is down fails submissions until it is back", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await using proxy = startRpcProxy(anvil.httpUrl);
  const chain = { ...chainConfigOf(anvil), httpEndpoint: proxy.url };
  await using aggregator = await startAggregatorHarness({ chains: [chain] });
  proxy.fail(() => true);
  await assert.rejects(
    submitEvent(anvil, aggregator, { event: 1, handler: deployment.store }),
    (error) => isWavsError(error) && error.retryable,
  );
  const [health] = await aggregator.api.chainHealth(undefined);
  assert.match(health?.error ?? "", /^\[evm:31337\] block number: /);
  proxy.fail(() => false);
  assert.equal((await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store })).kind, "landed");
});

Deno.test("a broadcast whose answers all get lost is not sent as a second transaction", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await using proxy = startRpcProxy(anvil.httpUrl);
  const chain = { ...chainConfigOf(anvil), httpEndpoint: proxy.url };
  await using aggregator = await startAggregatorHarness({ chains: [chain] });
  proxy.loseAnswers((method) => method === "eth_sendRawTransaction");
  const outcome = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store }).catch(() => undefined);
  proxy.loseAnswers(() => false);
  const settled = outcome ?? await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  assert.equal(settled.kind, "landed");
  assert.equal(aggregator.rows.length, 1);
  assert.equal(await sentCount(deployment), 1);
});

Deno.test("somebody else's transactions from the same account only cost a new nonce", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)] });
  await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  const { writer, reader } = deployment.chain;
  for (let sent = 0; sent < 2; sent++) {
    const hash: Hex = await writer.sendTransaction({ account: testAccount(SENDER_INDEX), to: SENDER, value: 1n });
    await reader.waitForTransactionReceipt({ hash });
  }
  assert.equal((await submitEvent(anvil, aggregator, { event: 2, handler: deployment.store })).kind, "landed");
  assert.equal(await sentCount(deployment), 4);
});

Deno.test("an account that cannot pay is named with balance and need, and pays later", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  const control = anvilControl(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)], hurried: true });
  await control.setBalance({ address: SENDER, value: 1_000n });
  await assert.rejects(submitEvent(anvil, aggregator, { event: 1, handler: deployment.store }), (error) => {
    assert.ok(isWavsError(error, "insufficient_funds") && error.retryable, Deno.inspect(error));
    assert.equal(error.meta.address, SENDER.toLowerCase());
    assert.equal(error.meta.balanceWei, 1_000n);
    return true;
  });
  await control.setBalance({ address: SENDER, value: parseEther("1") });
  assert.equal((await submitEvent(anvil, aggregator, { event: 2, handler: deployment.store })).kind, "landed");
  assert.equal((await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store })).kind, "landed");
  const [account] = await aggregator.api.accounts(undefined);
  assert.equal(account?.balanceWei, await deployment.chain.reader.getBalance({ address: SENDER }));
  assert.ok(account.transactionsLeft > 100, `${account.transactionsLeft}`);
  await control.setBalance({ address: SENDER, value: account.balanceWei / 1_000_000n });
  assert.ok((await aggregator.api.accounts(undefined))[0]?.transactionsLeft === 0);
});

Deno.test("a gas price makes a legacy transaction", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)] });
  const gasPrice = 3_000_000_000n;
  const outcome = await submitEvent(anvil, aggregator, { event: 1, handler: deployment.store, gasPrice });
  assert.ok(outcome.kind === "landed");
  const transaction = await deployment.chain.reader.getTransaction({ hash: outcome.landing.txHash });
  assert.equal(transaction.type, "legacy");
  assert.equal(transaction.gasPrice, gasPrice);
});
