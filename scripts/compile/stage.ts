import { readEngineVersion } from "@/engine/engine_version.ts";
import { buildComponents } from "@components/build.ts";

const ROOT = new URL("../../", import.meta.url);

/** What the program is made of. */
const SOURCES = ["src", "components", "wit", "main.ts", "deno.json", "deno.lock", "package.json"];

/** Samples that the demo runs, which travel with the binary. */
const SAMPLES = ["square", "simple_aggregator"];

/** Where a worker is started: its file is named relative to the module that does. */
const WORKER_ENTRY = /new URL\("\.\/([a-z_]+)\.ts", import\.meta\.url\)/g;

/** The sources as they are bundled. */
export interface Stage {
  readonly directory: string;
  /** Entry files below it: the program and each of its workers. */
  readonly entries: readonly string[];
  /**
   * Components the program reads, by the path below the bundle. Not named `.wasm`: the compiler would take them for core
   * modules.
   */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Copies the sources and fits them for a binary: workers are named as they lie in the bundle, and what reads the sources
 * of a checkout gives way to what the build knows.
 *
 * @param directory an empty one
 */
export async function stageSources(directory: string): Promise<Stage> {
  for (const name of SOURCES) await copy(new URL(name, ROOT).pathname, `${directory}/${name}`);
  const workers: string[] = [];
  for await (const path of modulesIn(`${directory}/src`)) {
    const folder = path.slice(directory.length + 1, path.lastIndexOf("/"));
    const text = await Deno.readTextFile(path);
    const fitted = text.replaceAll(WORKER_ENTRY, (_, name) => {
      workers.push(`${folder}/${name}.ts`);
      return `new URL("./${folder}/${name}.js", import.meta.url)`;
    });
    if (fitted !== text) await Deno.writeTextFile(path, fitted);
  }
  const samples = await buildComponents({ names: SAMPLES });
  const digests = Object.fromEntries(samples.map(({ name, digest }) => [name, digest]));
  await standIn("sample_components", `${directory}/components/build.ts`, {
    __DIGESTS__: JSON.stringify(digests).replaceAll('"', '\\"'),
  });
  await standIn("engine_version", `${directory}/src/engine/engine_version.ts`, {
    __SOURCES__: await sourcesDigest(),
  });
  for (const command of ["build", "new"]) {
    await standIn("component_build", `${directory}/src/cli/component/${command}.ts`, {});
  }
  return {
    directory,
    entries: ["main.ts", ...new Set(workers)].sort(),
    assets: new Map(samples.map(({ name, path }) => [`components/${name}.component`, path])),
  };
}

async function sourcesDigest(): Promise<string> {
  const digest = await readEngineVersion("binary");
  if (digest === undefined) throw new Error("the sources of the engine cannot be read");
  return digest;
}

async function standIn(name: string, path: string, values: Readonly<Record<string, string>>): Promise<void> {
  let text = await Deno.readTextFile(new URL(`./stand_ins/${name}.ts`, import.meta.url));
  for (const [placeholder, value] of Object.entries(values)) text = text.replace(placeholder, () => value);
  await Deno.writeTextFile(path, text);
}

async function* modulesIn(directory: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) yield* modulesIn(path);
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield path;
  }
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    if (name !== "testing" && !name.endsWith("_test.ts")) await copy(`${from}/${name}`, `${to}/${name}`);
  }
}
