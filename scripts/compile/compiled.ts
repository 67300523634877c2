import { reasonOf } from "../deno_error.ts";
import { MEMORY, PERMISSIONS, UNSTABLE } from "./permissions.ts";

/** How long the download of a runtime may take before the packed form is made instead. */
const TIMEOUT_MS = 120_000;

export interface CompileOptions {
  /** Directory with `main.js`. */
  readonly bundle: string;
  readonly output: string;
  /** A target of `deno compile`; this machine's when unset. */
  readonly target?: string | undefined;
  /** Which Deno compiles; this one by default. */
  readonly deno?: string | undefined;
}

/** What `deno compile` names the executable: on Windows it ends in `.exe`, whether or not that was asked for. */
export function executableName(output: string, target: string = Deno.build.target): string {
  return target.includes("windows") && !output.endsWith(".exe") ? `${output}.exe` : output;
}

/** The command line of a release. */
function compileArguments({ bundle, output, target }: CompileOptions): string[] {
  return [
    "compile",
    "--quiet",
    "--no-check",
    "--no-config",
    "--deny-import",
    ...PERMISSIONS,
    ...UNSTABLE,
    ...MEMORY,
    "--include",
    bundle,
    "--output",
    output,
    ...(target === undefined ? [] : ["--target", target]),
    `${bundle}/main.js`,
  ];
}

/**
 * Makes an executable with Deno's own compiler.
 *
 * @returns why not, when the runtime it is made of cannot be had
 */
export async function compile(options: CompileOptions): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(options.deno ?? Deno.execPath(), {
    args: compileArguments(options),
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  if (success) return undefined;
  return reasonOf(new TextDecoder().decode(stderr));
}
