import type { Stage } from "./stage.ts";

/**
 * Bundles the program and its workers into JavaScript that shares what they have in common.
 *
 * @param outDir where `main.js` and the workers go, with what they read at run time
 */
export async function bundleStage(stage: Stage, outDir: string): Promise<void> {
  await runBundler(stage, { outputDir: outDir, write: true }, "");
  for (const [name, path] of stage.assets) {
    const target = `${outDir}/${name}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(path, target);
  }
  await stampAlike(outDir);
}

/** The files that {@link bundleStage} takes code from, as absolute paths: those of the program and of its packages. */
export async function bundledFiles(stage: Stage): Promise<string[]> {
  const output = await runBundler(
    stage,
    { outputDir: `${stage.directory}/bundle`, write: false, sourcemap: "external" },
    `
    const files = result.outputFiles.filter(({ path }) => path.endsWith(".map")).flatMap((map) =>
      JSON.parse(map.text()).sources.map((source) => decodeURIComponent(new URL(source, "file://" + map.path).pathname))
    );
    console.log(JSON.stringify([...new Set(files)].sort()));
  `,
  );
  return JSON.parse(output) as string[];
}

/**
 * Runs the bundler with the stage's own configuration: the imports of the bundle are those of its `deno.json`.
 *
 * @param then a program that is given `result`
 * @returns what `then` printed
 */
async function runBundler(
  { directory, entries }: Stage,
  options: Readonly<Record<string, string | boolean>>,
  then: string,
): Promise<string> {
  const program = `
    const result = await Deno.bundle(${
    JSON.stringify({
      entrypoints: entries.map((entry) => `${directory}/${entry}`),
      platform: "deno",
      format: "esm",
      minify: true,
      codeSplitting: true,
      ...options,
    })
  });
    if (!result.success) throw new Error(result.errors.map((error) => error.text).join("; "));
    ${then}
  `;
  const script = `${directory}/bundle.ts`;
  await Deno.writeTextFile(script, program);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--unstable-bundle", "--config", `${directory}/deno.json`, script],
    cwd: directory,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`cannot bundle: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** `deno compile` embeds when a file was last changed: the same for every build, so that builds can be compared. */
async function stampAlike(directory: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) await stampAlike(`${directory}/${name}`);
    else await Deno.utime(`${directory}/${name}`, 0, 0);
  }
}
