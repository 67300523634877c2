/** Paths of all files below a directory, relative to it and sorted. */
export async function listTree(directory: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    if (entry.isFile) paths.push(entry.name);
    if (entry.isDirectory) {
      const below = await listTree(`${directory}/${entry.name}`);
      paths.push(...below.map((path) => `${entry.name}/${path}`));
    }
  }
  return paths.sort();
}

/** Copies the text files of a directory that `isWanted` by their relative path, each passed through `transform`. */
export async function copyTree(
  from: string,
  to: string,
  transform: (text: string) => string,
  isWanted: (path: string) => boolean = () => true,
): Promise<void> {
  for (const path of await listTree(from)) {
    if (!isWanted(path)) continue;
    const target = `${to}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(target, transform(await Deno.readTextFile(`${from}/${path}`)));
  }
}
