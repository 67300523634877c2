import { fileURLToPath } from "node:url";
import { type ProcessOutput, runProcess } from "./run_process.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

export type CliEnd = ProcessOutput;

/** Runs the program as a person does, in a process of its own that starts in `cwd`. */
export async function runCliProcess(cwd: string, ...args: readonly string[]): Promise<CliEnd> {
  return await runProcess(Deno.execPath(), ["run", "--quiet", "--no-prompt", "-A", MAIN, ...args], { cwd });
}
