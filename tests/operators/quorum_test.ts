import assert from "node:assert/strict";
import { type Hex, stringToHex } from "viem";
import { startAnvil } from "@tests/support/anvil.ts";
import { addTrigger, handledEvents } from "@tests/support/contracts.ts";
import { startTeam, type Team } from "@tests/support/operators.ts";
import { until } from "@tests/support/until.ts";

/** Fires events and waits until each has been handled. */
async function fire({ contracts }: Team, count: number): Promise<void> {
  const { chain, trigger, submit } = contracts;
  const before = (await handledEvents(chain, submit)).length;
  for (let index = 0; index < count; index++) await addTrigger(chain, trigger, stringToHex(`{"x":${index}}`));
  await until(`${count} events are handled`, async () => (await handledEvents(chain, submit)).length >= before + count);
}

Deno.test("two of three operators agree on each of 100 events, and each lands by one transaction", async () => {
  await using anvil = await startAnvil();
  await using team = await startTeam({ anvil, count: 3 });
  await fire(team, 100);
  const { contracts, operators } = team;
  const handled: Hex[] = await handledEvents(contracts.chain, contracts.submit);
  assert.equal(new Set(handled).size, 100);
  const sent = await Promise.all(
    operators.map(({ sender }) => contracts.chain.reader.getTransactionCount({ address: sender })),
  );
  const total = sent.reduce((sum, count) => sum + count, 0);
  assert.ok(total <= 102, `${total} transactions for 100 events`);
});
