/** Set by the packed form, whose runtime is a Deno like any other: the file that was started. */
const PACKED = "PACKED_WAVS_EXECUTABLE";

const MAIN = new URL("../../main.ts", import.meta.url);

/** The command that starts this program once more, in whatever form it runs. */
export function selfCommand(args: readonly string[]): { readonly path: string; readonly args: string[] } {
  if (Deno.build.standalone) return { path: Deno.execPath(), args: [...args] };
  const packed = Deno.env.get(PACKED);
  if (packed !== undefined) return { path: packed, args: [...args] };
  return { path: Deno.execPath(), args: ["run", "-A", "--quiet", "--no-check", MAIN.href, ...args] };
}

/** The one file that this program is; `undefined` when it runs from the sources. */
export function executablePath(): string | undefined {
  return Deno.build.standalone ? Deno.execPath() : Deno.env.get(PACKED);
}

/** In which form it runs: made by `deno compile`, packed behind a shell stub, or from the sources. */
export function programForm(): "compiled" | "packed" | "sources" {
  if (Deno.build.standalone) return "compiled";
  return Deno.env.has(PACKED) ? "packed" : "sources";
}
