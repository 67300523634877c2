import assert from "node:assert/strict";
import { parseBytes32, parseEvmAddress, type Turn } from "@/domain/mod.ts";
import { chainConfigOf, startAggregatorHarness, testEnvelope } from "@tests/support/aggregator.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { privateKeyOf, testAccount } from "@tests/support/contracts.ts";
import { startRpcProxy } from "@tests/support/rpc_proxy.ts";
import { anvilControl, deployFor, sentCount, submitEvent } from "@tests/support/submissions.ts";
import { until } from "@tests/support/until.ts";

const OTHER_SENDER = 8;

/** Longer than anything in these tests takes: who waits so long sees the other's transaction. */
const LONG_MS = 50_000;

/** The operator that goes before, by its word. */
const FIRST_OPERATOR = parseEvmAddress(`0x${"ab".repeat(20)}`);

function after(delayMs: number): Turn {
  return { before: [FIRST_OPERATOR], delayMs };
}

/** A chain and two operators' aggregators, each with an account of its own; time passes faster for the second. */
async function openScene(stack: AsyncDisposableStack) {
  const anvil = stack.use(await startAnvil());
  const deployment = await deployFor(anvil);
  const chains = [chainConfigOf(anvil)];
  const credential = privateKeyOf(testAccount(OTHER_SENDER));
  const [first, second] = [
    stack.use(await startAggregatorHarness({ chains })),
    stack.use(await startAggregatorHarness({ chains, credential, hurried: true })),
  ];
  const shot = { event: 1, handler: deployment.store };
  const call = {
    chain: chainConfigOf(anvil).key,
    handler: parseEvmAddress(deployment.store),
    eventId: testEnvelope(1).eventId,
    operator: FIRST_OPERATOR,
  };
  return { anvil, deployment, chains, first, second, shot, call };
}

Deno.test("who waits sees the other's transaction, and sends none", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, first, second, shot } = await openScene(stack);
  const waiting = submitEvent(anvil, second, { ...shot, turn: after(LONG_MS * 10) });
  const landed = await submitEvent(anvil, first, shot);
  assert.ok(landed.kind === "landed");
  assert.deepEqual(await waiting, { kind: "landed_before", landing: landed.landing, gasLost: 0n });
  assert.equal(second.rows.length, 0);
  const late = await submitEvent(anvil, second, { ...shot, turn: after(LONG_MS * 10) });
  assert.deepEqual(late, { kind: "landed_before", landing: landed.landing, gasLost: 0n }, "it looks back as well");
});

Deno.test("who waits in vain sends", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, second, shot } = await openScene(stack);
  const outcome = await submitEvent(anvil, second, { ...shot, turn: after(3_000) });
  assert.equal(outcome.kind, "landed");
  assert.equal(await sentCount(deployment), 0, "the other did nothing");
});

Deno.test("an announced transaction that is on its way is waited for longer, but not for ever", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, first, second, shot, call } = await openScene(stack);
  const control = anvilControl(anvil);
  await control.setAutomine(false);
  const sent = submitEvent(anvil, first, shot);
  await until("it is on its way", async () => (await control.getTxpoolStatus()).pending === 1);
  const waitMs = 10_000;
  await second.api.announced({ ...call, txHash: first.rows[0]?.hash ?? "0x" as never });
  const waiting = submitEvent(anvil, second, { ...shot, turn: after(waitMs) });
  await new Promise((resolve) => setTimeout(resolve, waitMs / 10 * 1.5));
  assert.equal(second.rows.length, 0, "it waits although its time is over");
  await until("it takes its turn after all", async () => (await control.getTxpoolStatus()).pending === 2);
  await control.mine({ blocks: 1 });
  const kinds = (await Promise.all([sent, waiting])).map(({ kind }) => kind).sort();
  assert.deepEqual(kinds, ["landed", "landed_before"]);
});

Deno.test("an operator that sends other transactions is busy, and is given more time, but not for ever", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, second, shot, call } = await openScene(stack);
  const turn = after(3_000);
  const startedMs = performance.now();
  const waiting = submitEvent(anvil, second, { ...shot, turn });
  let isDone = false;
  const announcing = (async () => {
    for (let other = 1; !isDone; other++) {
      const txHash = parseBytes32(`0x${other.toString(16).padStart(64, "0")}`);
      await second.api.announced({ ...call, eventId: testEnvelope(100 + other).eventId, txHash });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const outcome = await waiting;
  isDone = true;
  await announcing;
  assert.equal(outcome.kind, "landed");
  // Time passes ten times as fast: six delays of three seconds.
  assert.ok(performance.now() - startedMs >= 1_700, `${performance.now() - startedMs} ms`);
});

Deno.test("who goes first looks all the same when somebody else has announced the event", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, first, second, shot, call } = await openScene(stack);
  const control = anvilControl(anvil);
  await control.setAutomine(false);
  const sent = submitEvent(anvil, first, shot);
  await until("it is on its way", async () => (await control.getTxpoolStatus()).pending === 1);
  await second.api.announced({ ...call, txHash: first.rows[0]?.hash ?? "0x" as never });
  const waiting = submitEvent(anvil, second, shot);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(second.rows.length, 0);
  await control.mine({ blocks: 1 });
  assert.deepEqual([(await sent).kind, (await waiting).kind], ["landed", "landed_before"]);
  assert.equal(second.rows.length, 0);
});

Deno.test("announcements of what is no such transaction change nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, first, second, shot, call } = await openScene(stack);
  const unrelated = await submitEvent(anvil, first, { ...shot, event: 2 });
  assert.ok(unrelated.kind === "landed");
  await second.api.announced({ ...call, txHash: unrelated.landing.txHash });
  for (let lie = 0; lie < 20; lie++) {
    await second.api.announced({ ...call, txHash: parseBytes32(`0x${lie.toString(16).padStart(64, "0")}`) });
  }
  const outcome = await submitEvent(anvil, second, { ...shot, turn: after(3_000) });
  assert.equal(outcome.kind, "landed");
});

Deno.test("an endpoint that is away while others are waited for costs nothing but time", async () => {
  await using stack = new AsyncDisposableStack();
  const { anvil, deployment, chains } = await openScene(stack);
  const proxy = stack.use(startRpcProxy(anvil.httpUrl));
  const behind = stack.use(
    await startAggregatorHarness({
      chains: chains.map((chain) => ({ ...chain, httpEndpoint: proxy.url })),
      hurried: true,
    }),
  );
  const waiting = submitEvent(anvil, behind, { event: 1, handler: deployment.store, turn: after(20_000) });
  await new Promise((resolve) => setTimeout(resolve, 200));
  proxy.fail(() => true);
  await new Promise((resolve) => setTimeout(resolve, 500));
  proxy.fail(() => false);
  assert.equal((await waiting).kind, "landed");
});
