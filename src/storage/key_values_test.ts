import assert from "node:assert/strict";
import { isWavsError, type ServiceId } from "@/domain/mod.ts";
import { openDatabase } from "./database.ts";
import { KeyValueTable } from "./key_value_table.ts";
import type { KeyValueTransaction } from "./key_value_transaction.ts";
import { KeyValues } from "./key_values.ts";
import { KEY_PAGE_SIZE, KEY_VALUE_LIMITS, type KeyValueLimits } from "./limits.ts";

const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11" as ServiceId;
const OTHER_SERVICE = "807ff0222b1ed4636e9575cfcf12596e086b686bdb896fe7813252b33c64d618" as ServiceId;
const MAX = 2n ** 63n - 1n;

function open(limits: Partial<KeyValueLimits> = {}) {
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const keys = new KeyValues(database, { ...KEY_VALUE_LIMITS, ...limits });
  return {
    keys,
    usage: () => new KeyValueTable(database).usage(SERVICE),
    get: (bucket: string, key: string) => keys.get({ serviceId: SERVICE, bucket, key }),
    /** Runs one execution and stores what it wrote. */
    async run<T>(work: (execution: KeyValueTransaction) => T | Promise<T>, serviceId = SERVICE): Promise<T> {
      using execution = keys.begin(serviceId);
      const result = await work(execution);
      execution.store();
      return result;
    },
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

function refused(pattern: RegExp): (error: unknown) => boolean {
  return (error) => isWavsError(error, "key_value_refused") && pattern.test(error.message);
}

/** Whether `promise` settles before everything that can run now has run. */
async function settlesNow(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await new Promise((resolve) => setTimeout(resolve));
  return settled;
}

Deno.test("an execution reads its own writes, others read them once they are stored and let go", async () => {
  using store = open();
  using writer = store.keys.begin(SERVICE);
  using reader = store.keys.begin(SERVICE);
  await writer.write("b", [["k", bytes(1)]]);
  assert.deepEqual(writer.read("b", "k").value, bytes(1));
  assert.equal(reader.read("b", "k").value, undefined);
  assert.deepEqual(reader.listKeys("b", undefined).keys, []);
  writer.store();
  assert.deepEqual(reader.read("b", "k").value, bytes(1));
});

Deno.test("what was not stored is gone, counters included", async () => {
  using store = open();
  await store.run((execution) => execution.increment("b", "n", 5n));
  {
    using failed = store.keys.begin(SERVICE);
    await failed.write("b", [["k", bytes(1)]]);
    assert.equal(await failed.increment("b", "n", 1n), 6n);
  }
  assert.equal(store.get("b", "k"), undefined);
  assert.equal(await store.run((execution) => execution.increment("b", "n", 1n)), 6n);
});

Deno.test("bucket and key are not confusable, whatever they contain", async () => {
  using store = open();
  const places = [["a/b", "c"], ["a", "b/c"], ["a\0b", "c"], ["a", "\0bc"], ["", "abc"], ["__proto__", "constructor"]];
  await store.run(async (execution) => {
    for (const [index, [bucket = "", key = ""]] of places.entries()) {
      await execution.write(bucket, [[key, bytes(index)]]);
    }
  });
  for (const [index, [bucket = "", key = ""]] of places.entries()) {
    assert.deepEqual(store.get(bucket, key), bytes(index), JSON.stringify([bucket, key]));
  }
  using execution = store.keys.begin(SERVICE);
  assert.deepEqual(execution.listKeys("a", undefined).keys, ["\0bc", "b/c"]);
});

Deno.test("a service sees nothing of another's, and clearing one leaves the other", async () => {
  using store = open();
  await store.run((execution) => execution.write("b", [["k", bytes(1)]]));
  await store.run(async (execution) => {
    assert.equal(execution.read("b", "k").value, undefined);
    assert.equal(execution.version("b", "k"), undefined);
    assert.deepEqual(execution.listKeys("b", undefined).keys, []);
    await execution.write("b", [["k", bytes(2)]]);
    assert.equal(await execution.increment("b", "k", 1n), 1n);
  }, OTHER_SERVICE);
  store.keys.clear(OTHER_SERVICE);
  assert.deepEqual(store.get("b", "k"), bytes(1));
  assert.equal(store.keys.get({ serviceId: OTHER_SERVICE, bucket: "b", key: "k" }), undefined);
  assert.equal(await store.run((execution) => execution.increment("b", "k", 0n), OTHER_SERVICE), 0n);
});

Deno.test("keys are listed in byte order, page by page, with what the execution itself wrote and deleted", async () => {
  using store = open();
  const names = Array.from({ length: KEY_PAGE_SIZE + 2 }, (_, index) => `k${String(index).padStart(6, "0")}`);
  await store.run((execution) =>
    execution.write("b", ["\u{10000}", "\u{ffff}", "gone", ...names].map((key) => [key, bytes()] as const))
  );
  using execution = store.keys.begin(SERVICE);
  await execution.write("b", [["gone", undefined], ["a", bytes()], ["k000000", bytes(1)]]);
  await execution.increment("b", "counters are not listed", 1n);
  const first = execution.listKeys("b", undefined);
  const second = execution.listKeys("b", first.cursor);
  assert.equal(first.keys.length, KEY_PAGE_SIZE);
  assert.equal(second.cursor, undefined);
  // U+FFFF is three bytes in UTF-8 and comes before U+10000; as UTF-16 it would come after.
  assert.deepEqual([...first.keys, ...second.keys], ["a", ...names, "\u{ffff}", "\u{10000}"]);
  assert.deepEqual(execution.listKeys("b", "\u{10001}"), { keys: [], cursor: undefined });
});

Deno.test("counters start at zero, go both ways, are apart from values and do not wrap", async () => {
  using store = open();
  await store.run(async (execution) => {
    await execution.write("b", [["k", bytes(9)]]);
    assert.equal(await execution.increment("b", "k", 3n), 3n);
    assert.equal(await execution.increment("b", "k", -5n), -2n);
    assert.equal(await execution.increment("b", "k", MAX), MAX - 2n);
    await assert.rejects(execution.increment("b", "k", 3n), refused(/leave the range of a signed 64-bit integer/));
    assert.equal(await execution.increment("b", "k", 2n), MAX);
  });
  await store.run(async (execution) => {
    await assert.rejects(execution.increment("b", "k", 1n), refused(/64-bit/));
    assert.equal(await execution.increment("b", "k", 0n), MAX);
  });
  assert.deepEqual(store.get("b", "k"), bytes(9));
});

Deno.test("an increment waits for the execution that incremented before, and adds to what that one left", async () => {
  using store = open();
  const first = store.keys.begin(SERVICE);
  const failing = store.keys.begin(SERVICE);
  using last = store.keys.begin(SERVICE);
  assert.equal(await first.increment("b", "n", 1n), 1n);
  const second = failing.increment("b", "n", 10n);
  const third = last.increment("b", "n", 100n);
  assert.equal(await settlesNow(second), false);
  assert.equal(failing.isWaiting, true);
  first.store();
  first[Symbol.dispose]();
  assert.equal(await second, 11n);
  assert.equal(await settlesNow(third), false);
  failing[Symbol.dispose]();
  assert.equal(await third, 101n);
  // Another counter, and the value of that key, are not in anybody's way.
  using other = store.keys.begin(SERVICE);
  assert.equal(await other.increment("b", "m", 1n), 1n);
  await other.write("b", [["n", bytes(1)]]);
});

Deno.test("a swap is lost when the value was written since, even if it looks the same again", async () => {
  using store = open();
  await store.run((execution) => execution.write("b", [["k", bytes(1)]]));
  using execution = store.keys.begin(SERVICE);
  const seen = execution.version("b", "k");
  await store.run((other) => other.write("b", [["k", bytes(2)]]));
  await store.run((other) => other.write("b", [["k", bytes(1)]]));
  const lost = await execution.swap("b", "k", { seen, value: bytes(3) });
  assert.equal(lost.swapped, false);
  assert.deepEqual(execution.read("b", "k"), { value: bytes(1), version: lost.version });
  const won = await execution.swap("b", "k", { seen: lost.version, value: bytes(3) });
  assert.equal(won.swapped, true);
  assert.equal((await execution.swap("b", "k", { seen: lost.version, value: bytes(4) })).swapped, false);
  assert.equal((await execution.swap("b", "k", { seen: won.version, value: bytes(4) })).swapped, true);
});

Deno.test("a swap creates a key only if it is still not there", async () => {
  using store = open();
  await store.run(async (execution) => {
    assert.equal((await execution.swap("b", "k", { seen: undefined, value: bytes(1) })).swapped, true);
    assert.equal((await execution.swap("b", "k", { seen: undefined, value: bytes(2) })).swapped, false);
    await execution.write("b", [["k", undefined]]);
    assert.equal((await execution.swap("b", "k", { seen: undefined, value: bytes(3) })).swapped, true);
  });
  assert.deepEqual(store.get("b", "k"), bytes(3));
});

Deno.test("of two swaps at once one is told that it lost", async () => {
  using store = open();
  const first = store.keys.begin(SERVICE);
  using second = store.keys.begin(SERVICE);
  assert.equal((await first.swap("b", "k", { seen: first.version("b", "k"), value: bytes(1) })).swapped, true);
  const late = second.swap("b", "k", { seen: second.version("b", "k"), value: bytes(2) });
  assert.equal(await settlesNow(late), false);
  first.store();
  first[Symbol.dispose]();
  assert.equal((await late).swapped, false);
});

Deno.test("executions that would wait for each other in a circle are not left waiting", async () => {
  using store = open();
  const executions = Array.from({ length: 3 }, () => store.keys.begin(SERVICE));
  for (const [index, execution] of executions.entries()) await execution.increment("b", String(index), 1n);
  const [first, second, third] = executions;
  assert.ok(first && second && third);
  const waits = [first.increment("b", "1", 1n), second.increment("b", "2", 1n)];
  await assert.rejects(
    third.increment("b", "0", 1n),
    (error) => isWavsError(error, "key_value_conflict") && error.retryable,
  );
  third[Symbol.dispose]();
  assert.equal(await waits[1], 1n);
  second.store();
  second[Symbol.dispose]();
  assert.equal(await waits[0], 2n);
  first[Symbol.dispose]();
});

Deno.test("an execution that ends while it waits is told so, and its place in the queue is closed", async () => {
  using store = open();
  const holder = store.keys.begin(SERVICE);
  const leaving = store.keys.begin(SERVICE);
  using staying = store.keys.begin(SERVICE);
  await holder.increment("b", "n", 1n);
  const left = leaving.increment("b", "n", 1n);
  const stayed = staying.increment("b", "n", 1n);
  leaving[Symbol.dispose]();
  await assert.rejects(left, /ended while it waited/);
  holder[Symbol.dispose]();
  assert.equal(await stayed, 1n);
});

Deno.test("quotas count keys and bytes of a service, counters too, and are given back", async () => {
  using store = open({ maxKeys: 3, maxBytes: 100 });
  await store.run(async (execution) => {
    await execution.write("b", [["1", new Uint8Array(40)], ["2", bytes()]]);
    await execution.increment("b", "3", 1n);
    await assert.rejects(execution.write("b", [["4", bytes()]]), refused(/at most 3 keys; delete some/));
    await assert.rejects(execution.increment("b", "4", 1n), refused(/at most 3 keys/));
    await assert.rejects(execution.write("b", [["1", new Uint8Array(87)]]), refused(/at most 100 bytes/));
    await execution.write("b", [["1", new Uint8Array(86)]]);
  });
  assert.deepEqual(store.usage(), { keys: 3, bytes: 100 });
  await store.run((execution) => assert.rejects(execution.write("b", [["2", bytes(1)]]), refused(/100 bytes/)));
  await store.run((execution) => execution.write("b", [["1", undefined], ["4", bytes(1)]]));
  assert.deepEqual(store.usage(), { keys: 3, bytes: 2 + 10 + 3 });
});

Deno.test("executions under way cannot exceed a quota together", async () => {
  using store = open({ maxKeys: 2 });
  using first = store.keys.begin(SERVICE);
  using second = store.keys.begin(SERVICE);
  await first.write("b", [["1", bytes()]]);
  await second.write("b", [["2", bytes()]]);
  await assert.rejects(second.write("b", [["3", bytes()]]), refused(/at most 2 keys/));
  first[Symbol.dispose]();
  await second.write("b", [["3", bytes()]]);
});

Deno.test("a batch beyond a limit writes nothing of itself", async () => {
  using store = open({ maxWrittenKeys: 2, maxWrittenBytes: 50, maxUncommittedBytes: 80 });
  using execution = store.keys.begin(SERVICE);
  const batch = ["1", "2", "3"].map((key) => [key, bytes()] as const);
  await assert.rejects(execution.write("b", batch), refused(/at most 2 keys/));
  await assert.rejects(
    execution.write("b", [["1", new Uint8Array(49)]]),
    refused(/one execution may write at most 50/),
  );
  assert.deepEqual(execution.listKeys("b", undefined).keys, []);
  await execution.write("b", [["1", new Uint8Array(48)]]);
  using other = store.keys.begin(OTHER_SERVICE);
  await assert.rejects(other.write("b", [["1", new Uint8Array(40)]]), refused(/executions under way/));
});

Deno.test("nothing can be done with an execution that is over", async () => {
  using store = open();
  const execution = store.keys.begin(SERVICE);
  execution[Symbol.dispose]();
  assert.throws(() => execution.store(), (error) => isWavsError(error, "execution_over"));
  assert.throws(() => execution.read("b", "k"), (error) => isWavsError(error, "execution_over"));
  await assert.rejects(execution.write("b", []), (error) => isWavsError(error, "execution_over"));
});
