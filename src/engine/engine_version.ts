/** Whatever decides how a core module is found in a component and what becomes of it. */
const SOURCES = ["component", "metering"] as const;

const VERSION_CHARS = 16;

/**
 * Names the code that finds and meters core modules, by its source text: with any change of it what it made before is
 * made anew. A number somebody must remember to raise would one day leave modules in use that an older, wrong pass let
 * through.
 *
 * @param options what else decides what comes of it
 * @returns 16 hexadecimal digits; `undefined` when the source cannot be read, so that nothing is kept
 */
export async function readEngineVersion(options: string): Promise<string | undefined> {
  try {
    const paths = (await Promise.all(SOURCES.map((name) => sourcesIn(new URL(`./${name}/`, import.meta.url))))).flat();
    const texts = await Promise.all(paths.sort().map((path) => Deno.readFile(new URL(path))));
    const all = new Blob([options, ...texts.flatMap((text) => ["\0", text])]);
    const hash = await crypto.subtle.digest("SHA-256", await all.arrayBuffer());
    return new Uint8Array(hash).toHex().slice(0, VERSION_CHARS);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

async function sourcesIn(directory: URL): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) found.push(...await sourcesIn(new URL(`${name}/`, directory)));
    else if (name.endsWith(".ts") && !name.endsWith("_test.ts")) found.push(new URL(name, directory).href);
  }
  return found;
}
