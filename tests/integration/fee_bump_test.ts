import assert from "node:assert/strict";
import { parseGwei, parseTransaction } from "viem";
import type { TransactionRow } from "@/domain/mod.ts";
import { MAX_FEE_BUMPS } from "@/submission/limits.ts";
import { chainConfigOf, startAggregatorHarness } from "@tests/support/aggregator.ts";
import { type Anvil, startAnvil } from "@tests/support/anvil.ts";
import { connectDevChain, testAccount } from "@tests/support/contracts.ts";
import { startRpcProxy } from "@tests/support/rpc_proxy.ts";
import { anvilControl, assertStored, deployFor, sentCount, submitEvent } from "@tests/support/submissions.ts";
import { until } from "@tests/support/until.ts";

/** Higher than what transactions made before it offer. */
const DEAR = parseGwei("200");

/** A chain that mines only when it is told to. */
async function quietChain(stack: AsyncDisposableStack) {
  const anvil = stack.use(await startAnvil());
  const deployment = await deployFor(anvil);
  const control = anvilControl(anvil);
  await control.setAutomine(false);
  return { anvil, deployment, control, chains: [chainConfigOf(anvil)] };
}

/** Mines a block that is too dear for what waits. */
async function mineDear(anvil: Anvil): Promise<void> {
  const control = anvilControl(anvil);
  await control.setNextBlockBaseFeePerGas({ baseFeePerGas: DEAR });
  await control.mine({ blocks: 1 });
}

function highestPriceOf({ raw }: TransactionRow): bigint {
  const { gasPrice, maxFeePerGas } = parseTransaction(raw);
  return gasPrice ?? maxFeePerGas ?? 0n;
}

Deno.test("a transaction that the chain has become too dear for is replaced by one that pays more, and lands once", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, control, chains } = await quietChain(stack);
  const aggregator = stack.use(await startAggregatorHarness({ chains, hurried: true }));
  const submitted = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  await until("it waits", async () => (await control.getTxpoolStatus()).pending === 1);
  await mineDear(anvil);
  assert.equal(await sentCount(deployment), 0, "it is not mined");
  await until("it is replaced", () => aggregator.rows.length === 2);
  const [first, second] = aggregator.rows;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(second.nonce, first.nonce);
  assert.ok(highestPriceOf(second) > DEAR, "it pays what the chain asks for now");
  const { reader } = deployment.chain;
  await until("the chain has it", () => reader.getTransaction({ hash: second.hash }).catch(() => undefined));
  await control.mine({ blocks: 1 });
  const outcome = await submitted;
  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, second.hash);
  assert.equal(await sentCount(deployment), 1);
  await assertStored(deployment, 1);
});

Deno.test("a component's gas price is raised as well: nothing holds up the transactions behind it", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, control, chains } = await quietChain(stack);
  const aggregator = stack.use(await startAggregatorHarness({ chains, hurried: true }));
  const gasPrice = parseGwei("3");
  const cheap = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store, gasPrice });
  await until("it waits", async () => (await control.getTxpoolStatus()).pending === 1);
  await mineDear(anvil);
  const behind = submitEvent(anvil, aggregator, { event: 2, handler: deployment.store });
  await until("the first is replaced", () => aggregator.rowsOf(1).length === 2);
  assert.equal(aggregator.rowsOf(2).length, 1, "the second waits for the first, not for a better price");
  assert.equal(parseTransaction(aggregator.rowsOf(1)[1]?.raw ?? "0x").type, "legacy");
  await control.setIntervalMining({ interval: 1 });
  assert.deepEqual((await Promise.all([cheap, behind])).map(({ kind }) => kind), ["landed", "landed"]);
  assert.equal(await sentCount(deployment), 2);
});

Deno.test("a transaction whose event is handled meanwhile makes room with an empty one instead of reverting", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, control, chains } = await quietChain(stack);
  const aggregator = stack.use(await startAggregatorHarness({ chains, hurried: true }));
  const submitted = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  await until("it waits", async () => (await control.getTxpoolStatus()).pending === 1);
  // What another operator does: the same call, for more money.
  const { to, data } = parseTransaction(aggregator.rows[0]?.raw ?? "0x");
  assert.ok(to && data);
  const { httpUrl, chainId } = anvil;
  const other = connectDevChain({ httpUrl, chainId, account: testAccount(5) });
  const fees = { maxFeePerGas: DEAR * 4n, maxPriorityFeePerGas: parseGwei("1") };
  await other.writer.sendTransaction({ to, data, gas: 1_000_000n, ...fees });
  await mineDear(anvil);
  await until("it is replaced", () => aggregator.rows.length === 2);
  const { to: successor, data: nothing } = parseTransaction(aggregator.rows[1]?.raw ?? "0x");
  assert.equal(successor?.toLowerCase(), aggregator.rows[1]?.from);
  assert.equal(nothing, undefined);
  await control.setIntervalMining({ interval: 1 });
  assert.equal((await submitted).kind, "landed_before");
  assert.equal(await sentCount(deployment), 1);
  await assertStored(deployment, 1);
});

Deno.test("whichever of several transactions with one nonce lands is found after a restart", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, control, chains } = await quietChain(stack);
  const rows: TransactionRow[] = [];
  {
    await using dying = await startAggregatorHarness({ chains, rows, hurried: true });
    const submitted = assert.rejects(submitEvent(anvil, dying, { event: 1, handler: deployment.store }));
    await until("it waits", async () => (await control.getTxpoolStatus()).pending === 1);
    await mineDear(anvil);
    await until("it is replaced", () => rows.length === 2);
    await dying[Symbol.asyncDispose]();
    await submitted;
  }
  await using aggregator = await startAggregatorHarness({ chains, rows });
  const submitted = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  await control.setIntervalMining({ interval: 1 });
  const outcome = await submitted;
  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, rows[1]?.hash);
  assert.equal(rows.length, 2);
  assert.equal(await sentCount(deployment), 1);
});

Deno.test("a replacement whose answer is lost may have arrived: it is waited for, and nothing is sent in its stead", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, control, chains } = await quietChain(stack);
  const proxy = stack.use(startRpcProxy(anvil.httpUrl));
  const behind = chains.map((chain) => ({ ...chain, httpEndpoint: proxy.url }));
  const aggregator = stack.use(await startAggregatorHarness({ chains: behind, hurried: true }));
  const submitted = submitEvent(anvil, aggregator, { event: 1, handler: deployment.store });
  await until("it waits", async () => (await control.getTxpoolStatus()).pending === 1);
  await mineDear(anvil);
  proxy.loseAnswers((method) => method === "eth_sendRawTransaction");
  const { reader } = deployment.chain;
  const replacement = await until("it is replaced", () => aggregator.rows[1]);
  await until("the chain has it", () => reader.getTransaction({ hash: replacement.hash }).catch(() => undefined));
  await control.setIntervalMining({ interval: 1 });
  const outcome = await submitted;
  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, replacement.hash);
  assert.equal(aggregator.rows.length, 2);
  assert.equal(await sentCount(deployment), 1);
});

Deno.test("a transaction is not replaced without end", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, control, chains } = await quietChain(stack);
  const aggregator = stack.use(await startAggregatorHarness({ chains, hurried: true }));
  const shot = { event: 1, handler: deployment.store };
  for (let tries = 0; tries < 2; tries++) {
    await assert.rejects(submitEvent(anvil, aggregator, shot), /was not mined/);
  }
  assert.equal(aggregator.rows.length, 1 + MAX_FEE_BUMPS);
  const prices = aggregator.rows.map(highestPriceOf);
  assert.deepEqual(
    prices,
    prices.toSorted((left, right) => Number(left - right)),
    "each pays more than the one before",
  );
  await control.setIntervalMining({ interval: 1 });
  const outcome = await submitEvent(anvil, aggregator, shot);
  assert.equal(outcome.kind === "landed" && outcome.landing.txHash, aggregator.rows.at(-1)?.hash);
  assert.equal(await sentCount(deployment), 1);
});
