/**
 * What agreeing costs: `deno task bench:quorum [--json] [--events 50] [--submissions 300] [--messages 200]`.
 *
 * Whole nodes on a real anvil for latency, the aggregator's worker for throughput, real peers for propagation. All of
 * them share this machine: compare numbers of one run, not of two machines.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "@tests/support/machine.ts";
import { measureLatency } from "./quorum/latency.ts";
import type { PropagationResult } from "./quorum/propagation.ts";
import { measureThroughput } from "./quorum/throughput.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    events: { type: "string", default: "50" },
    submissions: { type: "string", default: "300" },
    messages: { type: "string", default: "200" },
  },
});

const encoder = new TextEncoder();
const latency: object[] = [];
for (const operators of [1, 3, 5]) keep(latency, await measureLatency(operators, Number(values.events)));
const throughput: object[] = [];
for (const [blockSeconds, sequential] of [[0, 100], [1, 10]] as const) {
  keep(throughput, await measureThroughput(blockSeconds, { submissions: Number(values.submissions), sequential }));
}
const propagation: object[] = [];
for (const operators of [20, 50]) keep(propagation, await propagationApart(operators, Number(values.messages)));

const where = await machine();
const result = { latency, throughput, propagation };
const report = values.json
  ? JSON.stringify({ bench: "quorum", machine: where, ...result }, undefined, 2)
  : [`${where.cpu}, ${where.cores} cores, Deno ${where.deno}`, ...Object.entries(result).flatMap(section)].join("\n");
await Deno.stdout.write(encoder.encode(`${report}\n`));

/** In a process of its own, since what it adds to the memory of one is told per operator. */
async function propagationApart(operators: number, messages: number): Promise<PropagationResult> {
  const script = fileURLToPath(new URL("./quorum/propagation_process.ts", import.meta.url));
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, String(operators), String(messages)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`propagation among ${operators} operators was not measured`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Tells a result at once: it takes minutes until all are there. */
function keep(results: object[], result: object): void {
  results.push(result);
  Deno.stderr.writeSync(encoder.encode(`${JSON.stringify(result)}\n`));
}

function section([name, rows]: [string, readonly object[]]): string[] {
  return [
    "",
    name,
    ...rows.map((row) => `  ${Object.entries(row).map(([key, value]) => `${key} ${value}`).join("   ")}`),
  ];
}
