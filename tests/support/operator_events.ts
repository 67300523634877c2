import assert from "node:assert/strict";
import { type Hex, stringToHex } from "viem";
import { addTrigger, handledEvents } from "./contracts.ts";
import type { Operator, Team } from "./operators.ts";
import { until } from "./until.ts";

/** Emits events, without waiting for anything to come of them. */
export async function emit({ contracts: { chain, trigger } }: Team, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await addTrigger(chain, trigger, stringToHex(`{"x":${index}}`));
}

/** Waits until so many events have been handled, and sees that each was once. */
export async function handled({ contracts: { chain, submit } }: Team, count: number): Promise<void> {
  const all = async (): Promise<Hex[]> => await handledEvents(chain, submit);
  await until(`${count} events are handled`, async () => (await all()).length >= count);
  const ids = await all();
  assert.equal(ids.length, count);
  assert.equal(new Set(ids).size, count, "each event is handled once");
}

/** Transactions that operators sent, effective or not. */
export async function transactionsOf({ contracts: { chain } }: Team, operators: readonly Operator[]): Promise<number> {
  const counts = await Promise.all(
    operators.map(({ sender }) => chain.reader.getTransactionCount({ address: sender })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Waits until an operator has so many events at their end, and none that failed. */
export async function finished(operator: Operator, count: number): Promise<void> {
  await until(`an operator has ${count} events behind it`, async () => {
    const metrics = await operator.metrics();
    const inState = (state: string) =>
      Number(new RegExp(`^wavs_events{state="${state}"} (\\d+)$`, "m").exec(metrics)?.[1] ?? 0);
    assert.equal(inState("dead"), 0, "none fails");
    return inState("final") >= count;
  });
}
