import assert from "node:assert/strict";
import { answersOf, errorOf, startSample } from "@tests/support/sample.ts";
import { runService } from "@tests/support/engine.ts";

function increment(key: string, delta: number): string {
  return JSON.stringify({ atomic_increment: { bucket: "votes", key, delta } });
}

function counted(value: number) {
  return [[0n, `{"atomic_increment":{"value":${value}}}`]];
}

Deno.test("kv_counter goes on counting from execution to execution, each key by itself", async () => {
  await using sample = await startSample("kv_counter");
  const { engine, service } = sample;
  const count = async (key: string, delta: number) =>
    answersOf(await runService(engine, service, increment(key, delta)));
  assert.deepEqual(await count("yes", 3), counted(3));
  assert.deepEqual(await count("no", 1), counted(1));
  assert.deepEqual(await count("yes", -5), counted(-2));
  assert.deepEqual(await count("yes", 0), counted(-2));
});

Deno.test("kv_counter loses no increment of executions that run at once", async () => {
  await using sample = await startSample("kv_counter");
  const { engine, service } = sample;
  const results = await Promise.all(Array.from({ length: 20 }, () => runService(engine, service, increment("n", 1))));
  const values = results.map((result) => Number(/(\d+)\}\}$/.exec(answersOf(result)[0]?.[1] ?? "")?.[1]));
  assert.deepEqual(values.sort((a, b) => a - b), Array.from({ length: 20 }, (_, index) => index + 1));
});

Deno.test("kv_counter says what is wrong with a request", async () => {
  await using sample = await startSample("kv_counter");
  const { engine, service } = sample;
  const cases = [
    ["nope", "Failed to parse request: expected ident at line 1 column 2"],
    ['{"read":{}}', "Failed to parse request: missing field `atomic_increment` at line 1 column 11"],
    [
      '{"atomic_increment":{"bucket":"b","key":"k","delta":9007199254740993}}',
      "Failed to parse request: delta 9007199254740993 is beyond 53 bits",
    ],
  ];
  for (const [text = "", expected = ""] of cases) {
    assert.equal(errorOf(await runService(engine, service, text)), expected);
  }
});
