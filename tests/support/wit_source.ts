/** The repository's WIT packages as one text, the only form in which the component tools take several packages. */

const WIT_FOLDER = new URL("../../wit/", import.meta.url);
const PACKAGE_LINE = /^package ([^;]+);$/m;

/**
 * All packages under `wit/deps`, nested after `root`.
 *
 * @param root the root package, with its `package …;` line; default `wit/worlds.wit`, which holds both worlds
 */
export async function witSource(root?: string): Promise<string> {
  const packages = new Map<string, string[]>();
  for await (const folder of Deno.readDir(new URL("deps/", WIT_FOLDER))) {
    for (const text of await readFolder(new URL(`deps/${folder.name}/`, WIT_FOLDER))) {
      const name = PACKAGE_LINE.exec(text)?.[1];
      if (name === undefined) throw new Error(`A file in wit/deps/${folder.name} names no package`);
      packages.set(name, [...packages.get(name) ?? [], text.replace(PACKAGE_LINE, "")]);
    }
  }
  const nested = [...packages].map(([name, texts]) => `package ${name} {\n${texts.join("\n")}\n}\n`);
  return [root ?? await Deno.readTextFile(new URL("worlds.wit", WIT_FOLDER)), ...nested].join("\n");
}

async function readFolder(folder: URL): Promise<string[]> {
  const names: string[] = [];
  for await (const file of Deno.readDir(folder)) if (file.name.endsWith(".wit")) names.push(file.name);
  return await Promise.all(names.sort().map((name) => Deno.readTextFile(new URL(name, folder))));
}
