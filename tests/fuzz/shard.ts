/** Runs its share of the cases of a seed, one line of JSON on standard output every {@link CASES_PER_REPORT} cases. */
import { checkCase, fuzzCase } from "./cases.ts";
import { readCorpus } from "./corpus.ts";
import { CASES_PER_REPORT, type Finding, type ShardOrder, type ShardReport } from "./shard_report.ts";

const order = JSON.parse(Deno.args[0] ?? "") as ShardOrder;
const corpus = await readCorpus();
const outcomes: Record<string, number> = {};
const deadline = performance.now() + order.timeoutMs;

async function report(line: ShardReport): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
}

async function runCase(index: number): Promise<Finding | undefined> {
  const made = fuzzCase(order.seed, index, corpus);
  try {
    const outcome = `${made.kind}: ${await checkCase(made)}`;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? ` (${error.cause})` : "";
    return { index, what: `${made.kind}: ${error}${cause}`, hex: made.bytes.toHex() };
  }
}

let index = order.first;
for (let done = 0; index < order.end && performance.now() < deadline; index += order.step, done++) {
  if (done % CASES_PER_REPORT === 0) await report({ kind: "progress", next: index, outcomes });
  const finding = await runCase(index);
  if (finding !== undefined) await report({ kind: "finding", finding });
}
await report({ kind: "progress", next: index, outcomes });
