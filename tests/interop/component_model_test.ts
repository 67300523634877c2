import assert from "node:assert/strict";
import { fetchReferenceSuite } from "@tests/interop/component_model/reference_suite.ts";
import { type DirectiveResult, runScript } from "@tests/interop/component_model/script.ts";

const FOLDERS = ["async", "binary", "linking", "resources", "validation", "values"];
/** From WASI 0.3 on a component may be entered again while it calls out; to WASI 0.2 that is a trap. */
const OF_ANOTHER_AGE = ["async/reentrance.wast"];
/** Directives this engine can decide: the others use what it refuses by name, or follow from one that does. */
const FEWEST_PASSED = 760;
/**
 * Invalid components it takes: it does not check names and types nothing depends on, nor the types of what components
 * inside a component hand each other. What it takes is as harmless as any other (see `script.ts`), so more checks would
 * be for the author's comfort; fewer are a step back.
 */
const MOST_TAKEN = 241;

const suite = await fetchReferenceSuite();
if ("absent" in suite) {
  const why = `SKIPPED: the component model's own tests are not run because ${suite.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

function shown(file: string, { line, kind, outcome, reason }: DirectiveResult): string {
  return `${file}:${line} ${kind} ${outcome}: ${reason}`;
}

Deno.test({
  name: "the runtime keeps the component model's own tests of WASI 0.2, and refuses WASI 0.3 by name",
  ignore: "absent" in suite,
  fn: async () => {
    assert.ok("path" in suite);
    const failed: string[] = [];
    const counts = new Map<DirectiveResult["outcome"], number>();
    for (const folder of FOLDERS) {
      for (const { name } of Deno.readDirSync(`${suite.path}/${folder}`)) {
        const file = `${folder}/${name}`;
        if (OF_ANOTHER_AGE.includes(file)) continue;
        for (const result of await runScript(await Deno.readTextFile(`${suite.path}/${file}`))) {
          counts.set(result.outcome, (counts.get(result.outcome) ?? 0) + 1);
          if (result.outcome === "failed") failed.push(shown(file, result));
        }
      }
    }
    assert.deepEqual(failed, []);
    const told = JSON.stringify(Object.fromEntries(counts));
    assert.ok((counts.get("passed") ?? 0) >= FEWEST_PASSED, told);
    assert.ok((counts.get("taken") ?? 0) <= MOST_TAKEN, told);
  },
});
