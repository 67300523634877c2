import assert from "node:assert/strict";
import { renderArtifacts } from "./build.ts";
import { compileContracts } from "./compile.ts";

const ARTIFACT_DIR = new URL("./artifacts/", import.meta.url);

Deno.test("committed artifacts are what the sources compile to", async () => {
  const expected = renderArtifacts(compileContracts());
  const committed = Array.from(Deno.readDirSync(ARTIFACT_DIR), (entry) => entry.name);
  assert.deepEqual(committed.toSorted(), [...expected.keys()].toSorted());
  for (const [name, text] of expected) {
    const actual = await Deno.readTextFile(new URL(name, ARTIFACT_DIR));
    assert.ok(actual === text, `"${name}" is stale: run deno task build:contracts`);
  }
});
