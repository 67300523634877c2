/** How a process ended and what it said. */
export interface ProcessOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with nothing to read and no colours in what it says. */
export async function runProcess(
  program: string,
  args: readonly string[],
  { cwd }: { readonly cwd?: string } = {},
): Promise<ProcessOutput> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}
