import assert from "node:assert/strict";
import { checkCase } from "./cases.ts";
import { readCorpus } from "./corpus.ts";
import { describeFinding, fuzz, newSeed } from "./fuzz.ts";

const CASES = 100_000;
/** Two cores take 40 seconds; a machine that does not get them done in this time tests too little to tell anything. */
const TIME_BOX_MS = 240_000;

Deno.test("what the corpus holds keeps every promise", async () => {
  const { modules, components } = await readCorpus();
  const cases = [
    ...modules.map((bytes) => ({ kind: "mutated module" as const, bytes: new Uint8Array(bytes) })),
    ...components.map((bytes) => ({ kind: "component" as const, bytes: new Uint8Array(bytes) })),
  ];
  for (const each of cases) assert.notEqual(await checkCase(each), "refused");
});

Deno.test("every truncation of the corpus is refused or keeps every promise", async () => {
  const { modules, components } = await readCorpus();
  for (const [kind, files] of [["mutated module", modules], ["component", components]] as const) {
    for (const bytes of files) {
      for (let length = 0; length < bytes.length; length++) await checkCase({ kind, bytes: bytes.slice(0, length) });
    }
  }
});

const seed = newSeed();
Deno.test(`hostile modules and components find nothing (seed ${seed})`, async () => {
  const { cases, findings } = await fuzz({ seed, cases: CASES, timeoutMs: TIME_BOX_MS, shards: 2 });
  const found = await Promise.all(findings.map((finding) => describeFinding(seed, finding)));
  assert.deepEqual(found, []);
  assert.equal(cases, CASES, "too few cases were tried within the time box");
});
