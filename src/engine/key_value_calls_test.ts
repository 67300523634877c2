import assert from "node:assert/strict";
import { isWavsError, type ServiceId } from "@/domain/mod.ts";
import { KeyValues, openDatabase } from "@/storage/mod.ts";
import { WorkerKeyValues } from "./key_value_calls.ts";
import { MAX_KEY_VALUE_OPERATIONS, MAX_KEY_VALUE_OPERATIONS_IN_FLIGHT } from "./limits.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./wasi/limits.ts";

const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11" as ServiceId;
const OTHER_SERVICE = "807ff0222b1ed4636e9575cfcf12596e086b686bdb896fe7813252b33c64d618" as ServiceId;
const JOB = 1;
const at = { job: JOB, bucket: "b" };
const call = { signal: new AbortController().signal };

function open() {
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const store = new KeyValues(database);
  const worker = new WorkerKeyValues(store);
  worker.begin(JOB, SERVICE);
  return { store, worker, handlers: worker.handlers, [Symbol.dispose]: () => database[Symbol.dispose]() };
}

function failsWith(code: string, text = /./): (error: unknown) => boolean {
  return (error) => isWavsError(error, code) && text.test(error.message);
}

/** A worker that was taken over sends anything. */
// deno-lint-ignore no-explicit-any -- that is the point
const forged = (value: unknown): any => value;

Deno.test("an execution reaches the keys of its service as long as it runs in that worker, and no others", async () => {
  using opened = open();
  const { worker, handlers, store } = opened;
  using other = store.begin(OTHER_SERVICE);
  await other.write("b", [["k", new Uint8Array([1])]]);
  other.store();
  assert.equal((await handlers.keyValueRead({ ...at, key: "k" }, call)).value, undefined);
  for (const job of [2, -1, 0.5, forged("1"), forged({ valueOf: () => JOB }), forged(undefined)]) {
    await assert.rejects(
      async () => await handlers.keyValueRead({ job, bucket: "b", key: "k" }, call),
      failsWith("execution_over"),
    );
  }
  worker.drop(JOB);
  await assert.rejects(async () => await handlers.keyValueRead({ ...at, key: "k" }, call), failsWith("execution_over"));
});

Deno.test("arguments of a wrong type are refused, whatever they pretend to be", async () => {
  using opened = open();
  const { handlers } = opened;
  const calls: readonly (() => unknown)[] = [
    () => handlers.keyValueRead({ ...at, key: forged(7) }, call),
    () => handlers.keyValueRead({ ...at, bucket: forged(["b"]), key: "k" }, call),
    () => handlers.keyValueVersion({ ...at, key: forged({ length: 1, toString: () => "k" }) }, call),
    () => handlers.keyValueReadMany({ ...at, keys: forged({ length: 1, 0: "k" }) }, call),
    () => handlers.keyValueReadMany({ ...at, keys: forged([7]) }, call),
    () => handlers.keyValueList({ ...at, cursor: forged(null) }, call),
    () => handlers.keyValueWrite({ ...at, writes: forged("k") }, call),
    () => handlers.keyValueWrite({ ...at, writes: [["k", forged([1, 2])]] }, call),
    () => handlers.keyValueWrite({ ...at, writes: [["k", forged(new ArrayBuffer(1))]] }, call),
    () => handlers.keyValueIncrement({ ...at, key: "k", delta: forged(1) }, call),
    () => handlers.keyValueIncrement({ ...at, key: "k", delta: 2n ** 63n }, call),
    () => handlers.keyValueSwap({ ...at, key: "k", seen: undefined, value: forged("text") }, call),
  ];
  for (const [index, send] of calls.entries()) {
    await assert.rejects(async () => await send(), failsWith("message_malformed"), `call ${index}`);
  }
});

Deno.test("lengths and batches are limited here too, for a worker that does not ask its own host", async () => {
  using opened = open();
  const { handlers } = opened;
  const long = "k".repeat(MAX_KEY_BYTES + 1);
  const many = Array.from({ length: MAX_BATCH_ITEMS + 1 }, (_, index) => String(index));
  const large = new Uint8Array(MAX_VALUE_BYTES);
  const heavy = Array.from(
    { length: MAX_BATCH_BYTES / MAX_VALUE_BYTES + 1 },
    (_, index) => [String(index), large] as const,
  );
  const calls: readonly (readonly [() => unknown, RegExp])[] = [
    [() => handlers.keyValueRead({ ...at, key: long }, call), /a name of 4097 bytes is longer than 4096/],
    [() => handlers.keyValueRead({ ...at, bucket: long, key: "k" }, call), /a name of 4097 bytes/],
    [() => handlers.keyValueList({ ...at, cursor: long }, call), /a name of 4097 bytes/],
    [() => handlers.keyValueReadMany({ ...at, keys: many }, call), /a batch of 1001 keys is larger than 1000/],
    [() => handlers.keyValueWrite({ ...at, writes: many.map((key) => [key, undefined] as const) }, call), /1001 keys/],
    [() => handlers.keyValueWrite({ ...at, writes: [["k", new Uint8Array(MAX_VALUE_BYTES + 1)]] }, call), /a value of/],
    [() => handlers.keyValueWrite({ ...at, writes: heavy }, call), /a batch of 9437184 bytes is larger than 8388608/],
  ];
  for (const [send, text] of calls) {
    await assert.rejects(async () => await send(), failsWith("key_value_refused", text));
  }
  assert.deepEqual((await handlers.keyValueList({ ...at, cursor: undefined }, call)).keys, [], "nothing was written");
});

Deno.test("a batch that reads more than it may is refused, though each of its values may be read", async () => {
  using opened = open();
  const { handlers, store } = opened;
  const keys = Array.from({ length: MAX_BATCH_BYTES / MAX_VALUE_BYTES + 1 }, (_, index) => String(index));
  for (const part of [keys.slice(0, 4), keys.slice(4, 8), keys.slice(8)]) {
    using filling = store.begin(SERVICE);
    await filling.write("b", part.map((key) => [key, new Uint8Array(MAX_VALUE_BYTES)]));
    filling.store();
  }
  assert.equal((await handlers.keyValueReadMany({ ...at, keys: keys.slice(1) }, call)).length, keys.length - 1);
  await assert.rejects(
    async () => await handlers.keyValueReadMany({ ...at, keys }, call),
    failsWith("key_value_refused", /a batch of 9437184 bytes/),
  );
});

Deno.test("an execution does so many operations and no more, and the next one starts anew", async () => {
  using opened = open();
  const { worker, handlers } = opened;
  const read = async (job: number) => await handlers.keyValueVersion({ job, bucket: "b", key: "k" }, call);
  for (let count = 0; count < MAX_KEY_VALUE_OPERATIONS; count++) await read(JOB);
  await assert.rejects(read(JOB), failsWith("key_value_refused", /at most 10000 of them/));
  worker.begin(JOB + 1, SERVICE);
  await read(JOB + 1);
});

Deno.test("an execution has so many operations under way and no more", async () => {
  using opened = open();
  const { worker, handlers } = opened;
  const holder = JOB + 1;
  worker.begin(holder, SERVICE);
  const increment = async (job: number) =>
    await handlers.keyValueIncrement({ job, bucket: "b", key: "n", delta: 1n }, call);
  await increment(holder);
  const waiting = Array.from({ length: MAX_KEY_VALUE_OPERATIONS_IN_FLIGHT }, () => increment(JOB));
  const settled = Promise.allSettled(waiting);
  await assert.rejects(increment(JOB), failsWith("key_value_refused", /at most 64 of them under way/));
  worker.drop(holder);
  assert.ok((await settled).some(({ status }) => status === "fulfilled"), "those that wait go on");
});

Deno.test("what a worker changes after it has sent it is not what is kept", async () => {
  using opened = open();
  const { handlers } = opened;
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(1);
  await handlers.keyValueWrite({ ...at, writes: [["k", shared]] }, call);
  shared.fill(9);
  assert.deepEqual((await handlers.keyValueRead({ ...at, key: "k" }, call)).value, new Uint8Array([1, 1, 1, 1]));
});
