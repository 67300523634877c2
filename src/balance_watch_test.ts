import assert from "node:assert/strict";
import type { PayingAccount } from "@/aggregator/types.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { parseChainKey } from "@/domain/mod.ts";
import { BalanceWatch, LOW_BALANCE_TRANSACTIONS } from "./balance_watch.ts";

function accountWith(transactionsLeft: number): PayingAccount {
  return { chain: parseChainKey("evm:1"), balanceWei: BigInt(transactionsLeft) * 1000n, transactionsLeft };
}

Deno.test("an account that runs dry is told of once, and again when it was filled up in between", async () => {
  const looks = [500, LOW_BALANCE_TRANSACTIONS - 1, 50, 0, LOW_BALANCE_TRANSACTIONS, 3];
  const seen = Promise.withResolvers<void>();
  const context = testContext();
  const clock = { ...context.clock, sleep: () => new Promise<void>((resolve) => setTimeout(resolve)) };
  await using watch = new BalanceWatch({
    context: { ...context, clock },
    accounts: () => {
      const next = looks.shift();
      if (next !== undefined) return Promise.resolve([accountWith(next)]);
      seen.resolve();
      return Promise.reject(new Error("the worker is away"));
    },
  });
  await seen.promise;
  const warnings = context.records.filter(({ level }) => level === "warn");
  assert.deepEqual(warnings.map(({ fields }) => fields.transactionsLeft), [LOW_BALANCE_TRANSACTIONS - 1, 3]);
  assert.deepEqual(watch.latest(), [accountWith(3)], "what was known stays known");
});
