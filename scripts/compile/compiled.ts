import { PERMISSIONS, UNSTABLE } from "./permissions.ts";

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
  const text = new TextDecoder().decode(stderr).trim();
  // What is at the bottom of it stands last among the causes; frames of the stack come after them.
  const [message = "", rest = ""] = text.split("Caused by:", 2);
  const causes =
    rest.split("\n\n", 1)[0]?.split("\n").map((line) => line.replace(/^\s*\d*:?\s*/, "")).filter((line) =>
      line !== ""
    ) ?? [];
  return causes.at(-1) ?? message.split("\n", 1)[0] ?? "it gives no reason";
}
