import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError, type ServiceId } from "@/domain/mod.ts";
import { openDatabase } from "./database.ts";
import { KeyValueTable } from "./key_value_table.ts";
import type { KeyValueTransaction } from "./key_value_transaction.ts";
import { KeyValues } from "./key_values.ts";

const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11" as ServiceId;
const KEYS = ["x", "y", "z"] as const;

type Operation =
  | { readonly kind: "set"; readonly key: string; readonly value: number }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "increment"; readonly key: string; readonly delta: bigint }
  /** Adds one to the number stored as a value, by compare-and-swap, until it wins. */
  | { readonly kind: "swapUp"; readonly key: string };

interface Program {
  readonly operations: readonly Operation[];
  readonly commits: boolean;
}

const key = fc.constantFrom(...KEYS);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key, value: fc.nat(100) }),
  fc.record({ kind: fc.constant("delete" as const), key }),
  fc.record({ kind: fc.constant("increment" as const), key, delta: fc.bigInt({ min: -9n, max: 9n }) }),
  fc.record({ kind: fc.constant("swapUp" as const), key }),
);
const program: fc.Arbitrary<Program> = fc.record({
  operations: fc.array(operation, { minLength: 1, maxLength: 6 }),
  commits: fc.boolean(),
});

/** Values and counters as plain maps: what the committed executions must come to, one after the other. */
class Model {
  readonly values = new Map<string, number>();
  readonly counters = new Map<string, bigint>();

  /** Applies one operation and returns what it answers. */
  apply(each: Operation): unknown {
    switch (each.kind) {
      case "set":
        this.values.set(each.key, each.value);
        return undefined;
      case "delete":
        this.values.delete(each.key);
        return undefined;
      case "increment": {
        const sum = (this.counters.get(each.key) ?? 0n) + each.delta;
        this.counters.set(each.key, sum);
        return sum;
      }
      case "swapUp": {
        const next = (this.values.get(each.key) ?? 0) + 1;
        this.values.set(each.key, next);
        return next;
      }
    }
  }
}

async function perform(execution: KeyValueTransaction, each: Operation): Promise<unknown> {
  switch (each.kind) {
    case "set":
      return await execution.write("b", [[each.key, encode(each.value)]]);
    case "delete":
      return await execution.write("b", [[each.key, undefined]]);
    case "increment":
      return await execution.increment("b", each.key, each.delta);
    case "swapUp":
      for (;;) {
        const { value, version } = execution.read("b", each.key);
        const next = (value === undefined ? 0 : decode(value)) + 1;
        // Lets the others run between looking and swapping, which is when a swap is lost.
        await Promise.resolve();
        if ((await execution.swap("b", each.key, { seen: version, value: encode(next) })).swapped) return next;
      }
  }
}

function encode(value: number): Uint8Array {
  return new TextEncoder().encode(String(value));
}

function decode(bytes: Uint8Array): number {
  return Number(new TextDecoder().decode(bytes));
}

Deno.test("whatever the order executions run in, the committed ones come to what they do one after the other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(program, { minLength: 2, maxLength: 6 }), fc.scheduler(), async (programs, scheduler) => {
      using database = openDatabase({ path: ":memory:", durability: "process" });
      const keys = new KeyValues(database);
      /** In the order in which they were stored. */
      const stored: { readonly operations: readonly Operation[]; readonly answers: readonly unknown[] }[] = [];

      const run = async ({ operations, commits }: Program) => {
        using execution = keys.begin(SERVICE);
        const answers: unknown[] = [];
        for (const each of operations) {
          await scheduler.schedule(Promise.resolve());
          try {
            answers.push(await perform(execution, each));
          } catch (error) {
            assert.ok(isWavsError(error, "key_value_conflict"), String(error));
            return;
          }
        }
        await scheduler.schedule(Promise.resolve());
        if (!commits) return;
        execution.store();
        stored.push({ operations, answers });
      };
      const running = Promise.all(programs.map(run));
      await scheduler.waitFor(running);

      const model = new Model();
      for (const { operations, answers } of stored) {
        assert.deepEqual(answers, operations.map((each) => model.apply(each)), "it was answered as if it ran alone");
      }
      const table = new KeyValueTable(database);
      for (const name of KEYS) {
        const entry = { serviceId: SERVICE, bucket: "b", key: name };
        const value = table.value(entry);
        assert.equal(value === undefined ? undefined : decode(value), model.values.get(name));
        assert.equal(table.counter(entry) ?? 0n, model.counters.get(name) ?? 0n);
      }
      const { keys: count, bytes } = table.usage(SERVICE);
      const { actual, weight } = counted(database);
      assert.deepEqual([count, bytes], [actual, weight], "the quota counts what is there");
    }),
    { numRuns: 300 },
  );
});

function counted(database: ReturnType<typeof openDatabase>): { readonly actual: number; readonly weight: number } {
  const row = database.sql(
    `SELECT COUNT(*) AS count, COALESCE(SUM(bytes), 0) AS bytes FROM (
       SELECT 1 + length(key) + length(value) AS bytes FROM key_values
       UNION ALL SELECT 1 + length(key) + 8 FROM counters)`,
  ).get();
  return { actual: Number(row?.count), weight: Number(row?.bytes) };
}
