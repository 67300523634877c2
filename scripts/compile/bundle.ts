import type { Stage } from "./stage.ts";

/**
 * Bundles the program and its workers into JavaScript that shares what they have in common.
 *
 * Run with the stage's own configuration: the imports of the bundle are those of its `deno.json`.
 *
 * @param outDir where `main.js` and the workers go, with what they read at run time
 */
export async function bundleStage({ directory, entries, assets }: Stage, outDir: string): Promise<void> {
  const program = `
    const result = await Deno.bundle(${
    JSON.stringify({
      entrypoints: entries.map((entry) => `${directory}/${entry}`),
      outputDir: outDir,
      platform: "deno",
      format: "esm",
      minify: true,
      codeSplitting: true,
      write: true,
    })
  });
    if (!result.success) throw new Error(result.errors.map((error) => error.text).join("; "));
  `;
  const script = `${directory}/bundle.ts`;
  await Deno.writeTextFile(script, program);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--unstable-bundle", "--config", `${directory}/deno.json`, script],
    cwd: directory,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`cannot bundle: ${new TextDecoder().decode(stderr)}`);
  for (const [name, path] of assets) {
    const target = `${outDir}/${name}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(path, target);
  }
  await stampAlike(outDir);
}

/** `deno compile` embeds when a file was last changed: the same for every build, so that builds can be compared. */
async function stampAlike(directory: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) await stampAlike(`${directory}/${name}`);
    else await Deno.utime(`${directory}/${name}`, 0, 0);
  }
}
