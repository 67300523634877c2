/**
 * Builds the components written in TypeScript: `deno task build:components [name…]`.
 *
 * Every folder beside this file that has a `component.ts` is a component.
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { fileURLToPath } from "node:url";
import type { ComponentDigest } from "@/domain/ids.ts";
import { WavsError } from "@/domain/errors.ts";
import { compileComponent } from "./builder/compile.ts";
import { fingerprint } from "./builder/fingerprint.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

export interface BuildOptions {
  /** Default: all components. */
  readonly names?: readonly string[];
  /** Default: `build/components`. */
  readonly outDir?: string;
  readonly log?: (line: string) => void;
}

export interface BuiltComponent {
  readonly name: string;
  /** The `.wasm` file. */
  readonly path: string;
  readonly digest: ComponentDigest;
  /** `false` when nothing it is made of has changed. */
  readonly rebuilt: boolean;
  readonly elapsedMs: number;
}

/** What lies beside a built component and tells whether it is still up to date. */
interface BuildRecord {
  readonly fingerprint: string;
  readonly digest: ComponentDigest;
}

/**
 * Builds the components that are out of date.
 *
 * Building the same sources twice gives two digests: each component holds a snapshot of its started engine, and with it the
 * hash seed and the time of that start (about a hundred bytes). So build once, and hand the file to every operator.
 *
 * @throws WavsError `component_unknown`, `component_build_failed`, `component_build_unsupported`
 */
export async function buildComponents(options: BuildOptions = {}): Promise<BuiltComponent[]> {
  const { outDir = `${ROOT}/build/components`, log = () => {} } = options;
  const known = await listComponents();
  await Deno.mkdir(outDir, { recursive: true });
  const built: BuiltComponent[] = [];
  for (const name of options.names ?? known) {
    if (!known.includes(name)) throw unknownComponent(name, known);
    const component = await buildOne(name, outDir);
    log(
      component.rebuilt
        ? `Built component "${name}" in ${Math.round(component.elapsedMs)} ms`
        : `Component "${name}" is up to date`,
    );
    built.push(component);
  }
  return built;
}

/** Names of the components in this folder, sorted. */
export async function listComponents(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(`${ROOT}/components`)) {
    if (entry.isDirectory && await isFile(entryPoint(entry.name))) names.push(entry.name);
  }
  return names.sort();
}

async function buildOne(name: string, outDir: string): Promise<BuiltComponent> {
  const startedMs = performance.now();
  const path = `${outDir}/${name}.wasm`;
  const current = await fingerprint(ROOT, name);
  const record = await readRecord(`${outDir}/${name}.json`);
  const upToDate = record !== undefined && record.fingerprint === current && await isFile(path);
  const digest = upToDate ? record.digest : await rebuild(name, path, current);
  return { name, path, digest, rebuilt: !upToDate, elapsedMs: performance.now() - startedMs };
}

async function rebuild(name: string, path: string, current: string): Promise<ComponentDigest> {
  const component = await compileComponent(entryPoint(name), `${ROOT}/wit`);
  const digest = bytesToHex(sha256(component)) as ComponentDigest;
  const record: BuildRecord = { fingerprint: current, digest };
  await writeAtomically(path, component);
  await writeAtomically(path.replace(/\.wasm$/, ".json"), new TextEncoder().encode(JSON.stringify(record)));
  return digest;
}

/** Readers see the old file or the new one, also when two builds run at once. */
async function writeAtomically(path: string, contents: Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(temporary, contents);
  await Deno.rename(temporary, path);
}

async function readRecord(path: string): Promise<BuildRecord | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as BuildRecord;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function entryPoint(name: string): string {
  return `${ROOT}/components/${name}/component.ts`;
}

function unknownComponent(name: string, known: readonly string[]): WavsError {
  return new WavsError("component_unknown", {
    message: `Cannot build component "${name}" because there is only ${known.map((other) => `"${other}"`).join(", ")}`,
    retryable: false,
  });
}

if (import.meta.main) {
  const names = Deno.args.length > 0 ? { names: Deno.args } : {};
  const out = new TextEncoder();
  const built = await buildComponents({ ...names, log: (line) => Deno.stderr.writeSync(out.encode(`${line}\n`)) });
  for (const { name, path, digest } of built) Deno.stdout.writeSync(out.encode(`${digest}  ${name}  ${path}\n`));
}
