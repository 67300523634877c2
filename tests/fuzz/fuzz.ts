import { CASES_PER_REPORT, type Finding, type ShardOrder, type ShardReport } from "./shard_report.ts";

/** No {@link CASES_PER_REPORT} cases take so long, on any machine: one of them hangs. */
const STALL_MS = 30_000;
/** Findings after which a shard is ended; the first few are as good as all. */
const MAX_FINDINGS = 10;

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number;
  readonly timeoutMs: number;
  /** Index of the first case. */
  readonly first?: number;
  /** Processes that share the cases. */
  readonly shards: number;
}

export interface FuzzReport {
  readonly cases: number;
  /** How many cases of each kind ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** Runs the cases of a seed in processes of their own, since what hangs or crashes takes its process along. */
export async function fuzz({ seed, cases, timeoutMs, first = 0, shards }: FuzzOptions): Promise<FuzzReport> {
  const end = first + cases;
  const reports = await Promise.all(
    Array.from({ length: shards }, (_, i) => runShard({ seed, first: first + i, step: shards, end, timeoutMs })),
  );
  const outcomes: Record<string, number> = {};
  for (const [name, count] of reports.flatMap((each) => Object.entries(each.outcomes))) {
    outcomes[name] = (outcomes[name] ?? 0) + count;
  }
  const findings = reports.flatMap((each) => each.findings);
  const passed = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { cases: passed + findings.length, outcomes, findings };
}

async function runShard(order: ShardOrder): Promise<Omit<FuzzReport, "cases">> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--no-prompt", import.meta.resolve("./shard.ts"), JSON.stringify(order)],
    stdout: "piped",
    stderr: "inherit",
  });
  await using child = command.spawn();
  const kill = () => child.kill("SIGKILL");
  let watchdog = setTimeout(kill, STALL_MS);
  let outcomes: Readonly<Record<string, number>> = {};
  let next = order.first;
  const findings: Finding[] = [];
  try {
    for await (const report of reportsOf(child.stdout)) {
      clearTimeout(watchdog);
      watchdog = setTimeout(kill, STALL_MS);
      if (report.kind === "progress") ({ next, outcomes } = report);
      else if (findings.push(report.finding) >= MAX_FINDINGS) return { outcomes, findings };
    }
    const { success, code, signal } = await child.status;
    const last = next + (CASES_PER_REPORT - 1) * order.step;
    const what = `one of the cases ${next} to ${last} hangs or ends the process (${signal ?? `exit code ${code}`})`;
    if (!success) findings.push({ index: next, what });
    return { outcomes, findings };
  } finally {
    clearTimeout(watchdog);
  }
}

async function* reportsOf(output: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncIterable<ShardReport> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as ShardReport;
  }
}

/** Keeps the input of a finding, and tells how to see it again. */
export async function describeFinding(seed: number, { index, what, hex }: Finding): Promise<string> {
  const task = `deno task test:fuzz --seed ${seed}`;
  if (hex === undefined) return `${what}\n  again: ${task} --first ${index} --cases 1, and so on`;
  const file = await Deno.makeTempFile({ prefix: `fuzz-${seed}-${index}-`, suffix: ".wasm" });
  await Deno.writeFile(file, Uint8Array.fromHex(hex));
  return `${what}\n  input: ${file} (belongs into tests/fixtures/fuzz once mended)\n  again: ${task} --case ${index}`;
}

/** A seed nobody has tried; it is printed, so that a run can be repeated. */
export function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
