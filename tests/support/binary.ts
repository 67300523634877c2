import { findAnvil } from "@/cli/dev/anvil_executable.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** In which form the one file is. */
export type BinaryForm = "packed" | "compiled";

/** The one file that operators run, just built, as strangers have it. */
export interface Binary extends AsyncDisposable {
  readonly form: BinaryForm;
  readonly path: string;
  /** An empty directory, which it is run in. */
  readonly directory: string;
  readonly bytes: number;
  /** Runs it with nothing in the environment but `env`. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<BinaryEnd>;
  /** Starts it without waiting for its end. */
  spawn(args: readonly string[]): Deno.ChildProcess;
}

export interface BinaryEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether a Deno and the runtime of the same version are given, to check what `deno compile` makes without the network. */
export function canCompile(): boolean {
  return Deno.env.get("DENO_FOR_COMPILE") !== undefined && Deno.env.get("DENORT_BIN") !== undefined;
}

/** Builds it as `deno task compile` does. @throws Error with what the build said */
export async function buildBinary(form: BinaryForm): Promise<Binary> {
  const home = await Deno.makeTempDir({ prefix: "wavs-binary-" });
  const path = `${home}/wavs`;
  const deno = form === "compiled" ? ["--deno", Deno.env.get("DENO_FOR_COMPILE") ?? ""] : [];
  const build = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}scripts/compile.ts`, "--form", form, "--output", path, ...deno],
    cwd: ROOT,
  }).output();
  if (!build.success) throw new Error(new TextDecoder().decode(build.stderr));
  const directory = `${home}/empty`;
  await Deno.mkdir(directory);
  // Where the packed form unpacks to; everything else it finds out by itself.
  const place = { PACKED_WAVS_DIRECTORY: `${home}/cache` };
  const command = (args: readonly string[], options: Deno.CommandOptions) =>
    new Deno.Command(path, { args: [...args], cwd: directory, clearEnv: true, ...options });
  return {
    form,
    path,
    directory,
    bytes: (await Deno.stat(path)).size,
    run: async (args, env = {}) => {
      const { code, stdout, stderr } = await command(args, { env: { ...place, ...env }, stdin: "null" }).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, stdout: decode(stdout), stderr: decode(stderr) };
    },
    spawn: (args) => command(args, { env: place, stdin: "null", stdout: "null", stderr: "inherit" }).spawn(),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** The variable that tells the demo where anvil is. */
export async function anvilVariable(): Promise<Record<string, string>> {
  return { ANVIL: await findAnvil() };
}
