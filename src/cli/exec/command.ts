import { deserializeError, printJson } from "@/domain/mod.ts";
import { createLogger, createSecretFilter, parseLogDirectives } from "@/telemetry/mod.ts";
import { wantsHelp } from "../command_options.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { execute } from "./execute.ts";
import { execHelp } from "./help.ts";
import { type ExecOptions, parseExecOptions } from "./options.ts";
import { printReport } from "./print.ts";
import { encodeOutput, encodeReport } from "./report_json.ts";
import type { ExecReport } from "./types.ts";

/**
 * `wavs exec`: runs a component once and prints what came of it.
 *
 * @returns the exit code of a success
 * @throws WavsError why the execution failed, after its report was printed
 */
export async function runExec(args: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(execHelp());
    return 0;
  }
  const options = parseExecOptions(args);
  const report = await executeUntilInterrupted(options);
  if (options.json) terminal.line(printJson(encodeReport(report)));
  else printReport(terminal, report);
  if (options.output !== undefined) await writeOutput(options.output, report);
  if (report.ending.kind === "failed") throw deserializeError(report.ending.error);
  return 0;
}

/** An interrupt ends the execution, not the process: what was begun is put away. */
async function executeUntilInterrupted(options: ExecOptions): Promise<ExecReport> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await execute(options, {
      log: createLogger({
        format: "pretty",
        color: !Deno.noColor && Deno.stderr.isTerminal(),
        directives: parseLogDirectives(["warn"]),
        secrets: createSecretFilter([]),
      }),
      signal: interrupted.signal,
      readEnv: (name) => Deno.env.get(name),
    });
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

async function writeOutput(path: string, report: ExecReport): Promise<void> {
  const slash = path.lastIndexOf("/");
  if (slash > 0) await Deno.mkdir(path.slice(0, slash), { recursive: true });
  await Deno.writeTextFile(path, `${printJson(encodeOutput(report))}\n`);
}
