import assert from "node:assert/strict";
import { startAnvil } from "@tests/support/anvil.ts";
import { emit, finished, handled, transactionsOf } from "@tests/support/operator_events.ts";
import { startTeam } from "@tests/support/operators.ts";
import { anvilControl } from "@tests/support/submissions.ts";
import { until } from "@tests/support/until.ts";

Deno.test("whichever of three operators is killed, all events land, each once, and it catches up when it is back", async () => {
  await using anvil = await startAnvil();
  await using team = await startTeam({ anvil, count: 3 });
  let events = 0;
  for (const victim of team.operators) {
    await emit(team, 5);
    await victim.kill();
    await emit(team, 5);
    events += 10;
    await handled(team, events);
    await victim.start();
    await team.meet();
  }
  for (const operator of team.operators) await finished(operator, events);
  const sent = await transactionsOf(team, team.operators);
  assert.ok(sent <= events + 2, `${sent} transactions for ${events} events`);
});

for (const isLost of [false, true]) {
  const fate = isLost ? "is lost" : "is in the pool";
  Deno.test(`an operator that is killed while its transaction ${fate} costs nobody the event, and nobody a second one`, async () => {
    await using anvil = await startAnvil();
    await using team = await startTeam({ anvil, count: 3 });
    const control = anvilControl(anvil);
    // The event is mined, what the operators send is not.
    await emit(team, 1);
    await handled(team, 1);
    await control.setAutomine(false);
    const emitted = emit(team, 1);
    await until("the event is on its way", async () => (await control.getTxpoolStatus()).pending === 1);
    await control.mine({ blocks: 1 });
    await emitted;
    const submitter = await until("somebody submits", async () => {
      const { pending } = await control.getTxpoolContent();
      const senders = Object.keys(pending).map((sender) => sender.toLowerCase());
      return team.operators.find(({ sender }) => senders.includes(sender));
    });
    await submitter.kill();
    if (isLost) await control.dropTransaction({ hash: await hashOf(control, submitter.sender) });
    await control.setIntervalMining({ interval: 1 });
    await handled(team, 2);
    await submitter.start();
    await team.meet();
    for (const operator of team.operators) await finished(operator, 2);
    assert.equal(await transactionsOf(team, team.operators), 2, "one transaction for each event");
  });
}

async function hashOf(control: ReturnType<typeof anvilControl>, sender: string): Promise<`0x${string}`> {
  const { pending } = await control.getTxpoolContent();
  const ofSender = Object.entries(pending).find(([from]) => from.toLowerCase() === sender)?.[1] ?? {};
  const [transaction] = Object.values(ofSender);
  if (transaction === undefined) throw new Error("the transaction is not in the pool");
  return transaction.hash;
}

Deno.test("operators that are cut off from each other agree once they are not", async () => {
  await using anvil = await startAnvil();
  await using team = await startTeam({ anvil, count: 3, relayed: true });
  await emit(team, 3);
  await handled(team, 3);
  for (const relay of team.relays) await relay.cut();
  await until("nobody hears anybody", async () => {
    const peers = await Promise.all(team.operators.map((operator) => operator.metric("wavs_p2p_peers")));
    return peers.every((count) => count === 0);
  });
  await emit(team, 5);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await handled(team, 3);
  for (const relay of team.relays) relay.restore();
  await handled(team, 8);
  for (const operator of team.operators) await finished(operator, 8);
  assert.ok(await transactionsOf(team, team.operators) <= 8 + 2);
});
