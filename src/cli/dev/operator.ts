import { loadConfig } from "@/config/mod.ts";
import type { Journal, JournalChange } from "@/journal/mod.ts";
import { startNode } from "@/node.ts";
import { createNodeLogging } from "../logging.ts";
import { type Moment, momentOf } from "./moments.ts";
import type { TraceEnd } from "./trace.ts";

/** What an operator of the demo tells the process that started it, one JSON document a line. */
export type OperatorReport =
  | { readonly kind: "ready"; readonly url: string }
  | { readonly kind: "moment"; readonly moment: Moment }
  | { readonly kind: "ended"; readonly end: TraceEnd };

/**
 * One operator of the demo of several, in a process of its own: a whole node that reports its steps on stdout and ends
 * with its stdin, so that it never outlives the demo.
 *
 * @param home directory of its `wavs.toml`
 */
export async function runDemoOperator(home: string): Promise<number> {
  const { config } = loadConfig({ args: ["--home", home], env: {} });
  await using node = await startNode(config, {
    ...createNodeLogging(config, "pretty"),
    readEnv: () => undefined,
    observe,
  });
  report({ kind: "ready", url: node.url });
  for await (const _ of Deno.stdin.readable) {
    // Nothing is said to it.
  }
  return 0;
}

function observe(change: JournalChange, journal: Journal): void {
  const moment = momentOf(change, journal);
  if (moment !== undefined) report({ kind: "moment", moment });
  if (change.subject !== "event") return;
  const { state, reason } = change;
  if (state === "final") report({ kind: "ended", end: { ok: true, reason: undefined } });
  if (state === "dead" || state === "skipped" || state === "orphaned") {
    report({ kind: "ended", end: { ok: false, reason: `${state}: ${reason ?? "no reason given"}` } });
  }
}

function report(message: OperatorReport): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}
