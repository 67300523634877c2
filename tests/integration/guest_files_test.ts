import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { compileComponent } from "@components/builder/compile.ts";
import { runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { answersOf, errorOf } from "@tests/support/sample.ts";

const NOTEBOOK = fileURLToPath(new URL("./guests/notebook.ts", import.meta.url));
const WIT = fileURLToPath(new URL("../../wit", import.meta.url));

Deno.test("a TypeScript component writes, lists and reads its files, also long ones, and is told what fails", async () => {
  await using started = await startEngine();
  const { engine } = started;
  const operator = await engine.upload(await compileComponent(NOTEBOOK, WIT));
  const service = serviceOf({ operator, fileSystem: true });
  const long = "x".repeat(200_000);
  const keep = async (note: string) => answersOf(await runService(engine, service, note))[0]?.[1];
  assert.equal(await keep("b=second"), "b=second");
  assert.equal(await keep(`a=${long}`), `a=${long},b=second`);
  assert.equal(await keep("a=short"), "a=short,b=second");
  assert.equal(errorOf(await runService(engine, service, "../out=x")), 'Cannot use "../out" because of not-permitted');
});
