import assert from "node:assert/strict";
import { buildComponents } from "@components/build.ts";
import type { DirectBody } from "./component/direct/linked_component.ts";
import { readEngineVersion } from "./engine_version.ts";
import { decodeMetered, encodeMetered } from "./metered_file.ts";
import { createPreparer } from "./prepare.ts";
import type { PreparedComponent, PrepareRequest } from "./worker_types.ts";

const [built] = await buildComponents({ names: ["square"] });
assert.ok(built);
const SQUARE = await Deno.readFile(built.path);
const preparer = await createPreparer({ runtime: "direct", maxMemoryBytes: 64 * 1024 * 1024 });

async function prepare(request: PrepareRequest): Promise<PreparedComponent> {
  return await preparer.prepare(request, { signal: new AbortController().signal });
}

function exportsOf({ artifact }: PreparedComponent) {
  return (artifact.body as DirectBody).modules.map((module) => WebAssembly.Module.exports(module));
}

Deno.test("metered modules that were kept are used and make the same artefact", async () => {
  const first = await prepare({ bytes: SQUARE });
  assert.ok(first.metered);
  const again = await prepare({ bytes: SQUARE, metered: first.metered });
  assert.equal(again.metered, undefined, "nothing was metered");
  assert.deepEqual(exportsOf(again), exportsOf(first));
  const bodies = [first, again].map(({ artifact }) => ({ ...artifact.body as DirectBody, modules: [] }));
  assert.deepEqual(bodies[1], bodies[0]);
  assert.deepEqual(again.artifact.surface, first.artifact.surface);
});

Deno.test("what cannot be what was kept is metered anew", async () => {
  const { metered } = await prepare({ bytes: SQUARE });
  assert.ok(metered);
  const tooFew = encodeMetered(decodeMetered(metered)?.slice(1) ?? []);
  for (
    const [what, kept] of [["cut", metered.subarray(1)], ["empty", new Uint8Array()], ["too few", tooFew]] as const
  ) {
    assert.deepEqual((await prepare({ bytes: SQUARE, metered: kept })).metered, metered, what);
  }
});

Deno.test("the version of the engine is the same until something changes", async () => {
  const version = await readEngineVersion("64 MiB");
  assert.match(version ?? "", /^[0-9a-f]{16}$/);
  assert.equal(await readEngineVersion("64 MiB"), version);
  assert.notEqual(await readEngineVersion("65 MiB"), version);
});
