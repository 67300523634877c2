import assert from "node:assert/strict";
import { worldFunctions } from "./functions.ts";
import { readTable, renderTable } from "./table.ts";

Deno.test("what is written into the table is read from it", () => {
  const functions = worldFunctions();
  const places = [
    { file: "src/a_test.ts", title: "a | b: c" },
    { file: "tests/b_test.ts", title: "${carrier}: it `works`" },
    { file: "tests/c_test.ts" },
    undefined,
  ];
  const rows = functions.map((each, index) => ({ function: each, test: places[index % places.length] }));
  const read = readTable(renderTable(rows), functions);
  for (const { function: { key }, test } of rows) assert.deepEqual(read.get(key), test, key);
});

Deno.test("the committed table names a test that exists for every function of both worlds", async () => {
  const functions = worldFunctions();
  const named = readTable(await Deno.readTextFile(new URL("README.md", import.meta.url)), functions);
  for (const { key } of functions) {
    const test = named.get(key);
    assert.ok(test, `"${key}" has a row with a test; see deno task test:engine --update`);
    const source = await Deno.readTextFile(new URL(`../../${test.file}`, import.meta.url));
    assert.ok(source.includes(test.title ?? ""), `${test.file} has the test "${test.title}", named for "${key}"`);
  }
});
