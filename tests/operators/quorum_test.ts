import assert from "node:assert/strict";
import { startAnvil } from "@tests/support/anvil.ts";
import { emit, finished, handled, transactionsOf } from "@tests/support/operator_events.ts";
import { startTeam } from "@tests/support/operators.ts";

const EVENTS = 100;

/** Transactions that may come too late, of all operators together. */
const LOSERS = 2;

Deno.test("two of three operators agree on each of 100 events, and each lands by one transaction", async () => {
  await using anvil = await startAnvil();
  await using team = await startTeam({ anvil, count: 3 });
  await emit(team, EVENTS);
  await handled(team, EVENTS);
  for (const operator of team.operators) await finished(operator, EVENTS);
  const sent = await transactionsOf(team, team.operators);
  assert.ok(sent <= EVENTS + LOSERS, `${sent} transactions for ${EVENTS} events`);
  for (const operator of team.operators) {
    assert.ok(await transactionsOf(team, [operator]) > EVENTS / 10, "each pays for its share");
  }
});
