/** A volume of a few MiB that can be filled. */
export interface SmallVolume extends AsyncDisposable {
  readonly path: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
}

/** Mounts a volume in memory, which takes a privileged user; `undefined` with the reason where that is refused. */
export async function mountSmallVolume(
  mebibytes: number,
): Promise<{ readonly volume: SmallVolume } | { readonly absent: string }> {
  const path = await Deno.makeTempDir({ prefix: "wavs-volume-" });
  const refusal = await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
  if (refusal !== undefined) {
    await Deno.remove(path);
    return { absent: `no volume can be mounted: ${refusal}` };
  }
  const ballast = `${path}/ballast`;
  return {
    volume: {
      path,
      fill: async () => {
        using file = await Deno.open(ballast, { create: true, append: true });
        // Down to the last byte: a database needs single pages.
        for (const size of [1024 * 1024, 4096, 1]) {
          const chunk = new Uint8Array(size);
          while (await written(file, chunk)) { /* as long as there is room */ }
        }
      },
      free: () => Deno.remove(ballast),
      [Symbol.asyncDispose]: async () => {
        const problem = await run("umount", [path]);
        if (problem !== undefined) throw new Error(problem);
        await Deno.remove(path);
      },
    },
  };
}

async function written(file: Deno.FsFile, chunk: Uint8Array): Promise<boolean> {
  try {
    return await file.write(chunk) === chunk.length;
  } catch {
    return false;
  }
}

/** @returns what the command complains of */
async function run(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args: [...args], stdout: "null" }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return String(error);
  }
}
