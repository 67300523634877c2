/**
 * A folder of its own for a new component: sources, the authoring package, and a `deno.json` that editors understand.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { WavsError } from "@/domain/errors.ts";
import { copyTree, listTree } from "./builder/tree.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
const BINDINGS = "./components/wavs/bindings/";

export interface ScaffoldOptions {
  /** The folder to make. Its last part names the component. */
  readonly directory: string;
  readonly world: "operator" | "aggregator";
}

/**
 * Makes the folder.
 *
 * @returns the paths of its files, relative to it
 * @throws WavsError `component_exists` when there is something already
 */
export async function scaffoldComponent({ directory, world }: ScaffoldOptions): Promise<string[]> {
  const name = directory.split(/[/\\]/).at(-1) ?? directory;
  await makeNew(directory);
  await copyTree(
    `${ROOT}/components/template/${world}`,
    directory,
    (text) => text.replaceAll("../../wavs/", "./wavs/").replaceAll("NAME", name),
  );
  await copyTree(`${ROOT}/components/wavs`, `${directory}/wavs`, (text) => text, isShipped);
  await Deno.writeTextFile(`${directory}/deno.json`, await configuration());
  await Deno.writeTextFile(`${directory}/.gitignore`, "*.wasm\n");
  return await listTree(directory);
}

function isShipped(path: string): boolean {
  // The codec is put in front of every bundle by the builder.
  return !path.endsWith("_test.ts") && path !== "text_codec.js";
}

/** Fails where there is anything: nobody's work is overwritten, not even a file's in an empty-looking place. */
async function makeNew(directory: string): Promise<void> {
  const parent = /^(.*)[/\\][^/\\]+$/.exec(directory)?.[1];
  if (parent !== undefined && parent !== "") await Deno.mkdir(parent, { recursive: true });
  try {
    await Deno.mkdir(directory);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new WavsError("component_exists", {
      message: `Cannot make the component "${directory}" because there is something of that name; choose another`,
      retryable: false,
    });
  }
}

/** What lets editors and `deno check` know the host's interfaces: the same names this project uses. */
async function configuration(): Promise<string> {
  const { imports, compilerOptions } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`)) as {
    readonly imports: Readonly<Record<string, string>>;
    readonly compilerOptions: Readonly<Record<string, unknown>>;
  };
  const { lib: _, ...options } = compilerOptions;
  const bindings = Object.entries(imports).filter(([, target]) => target.startsWith(BINDINGS)).map((
    [name, target],
  ) => [name, `./wavs/bindings/${target.slice(BINDINGS.length)}`]);
  return `${JSON.stringify({ imports: Object.fromEntries(bindings), compilerOptions: options }, null, 2)}\n`;
}
