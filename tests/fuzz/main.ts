/**
 * Feeds the metering pass and the component loader hostile bytes:
 * `deno task test:fuzz [--cases 100000] [--seed N] [--seconds 90] [--first INDEX] [--case INDEX]`. Exits 1 when something is found.
 */
import { parseArgs } from "node:util";
import { describeFinding, fuzz, newSeed } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    seconds: { type: "string", default: "90" },
    seed: { type: "string" },
    first: { type: "string", default: "0" },
    case: { type: "string" },
  },
});
const seed = values.seed === undefined ? newSeed() : Number(values.seed);
const only = values.case === undefined ? {} : { first: Number(values.case), cases: 1, shards: 1 };

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

await print(`seed ${seed}`);
const started = performance.now();
const { cases, outcomes, findings } = await fuzz({
  seed,
  first: Number(values.first),
  cases: Number(values.cases),
  timeoutMs: Number(values.seconds) * 1000,
  shards: navigator.hardwareConcurrency,
  ...only,
});
for (const [name, count] of Object.entries(outcomes).toSorted()) await print(`${count.toString().padStart(8)} ${name}`);
for (const finding of findings) await print(`FOUND ${await describeFinding(seed, finding)}`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
await print(`${cases} cases in ${seconds} s, ${findings.length} findings`);
Deno.exitCode = findings.length === 0 ? 0 : 1;
