import { findBinding } from "@components/builder/componentize.ts";
import { fileURLToPath } from "node:url";
import { bundledFiles } from "../compile/bundle.ts";
import { stageSources } from "../compile/stage.ts";

/** An npm package whose code is in the one file. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX expression it gives; `undefined` when it gives none. */
  readonly licence: string | undefined;
  /** Of the archive the registry holds, as deno.lock has it: `sha512-` and Base64. */
  readonly integrity: string;
  /** Shipped packages it depends on, as `name@version`. */
  readonly dependencies: readonly string[];
}

/** As much of `deno.lock` as tells what a package is and what it depends on. */
export interface Lock {
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly integrity?: string;
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

/** As much of a `package.json` as tells what a package is. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
}

/**
 * The packages that are really shipped, in the order of their names: those the bundler takes code from, which are far
 * fewer than deno.lock holds, and the one whose engine is in the sample components.
 */
export async function shippedPackages(): Promise<ShippedPackage[]> {
  const work = await Deno.makeTempDir({ prefix: "wavs-packages-" });
  try {
    const stage = await stageSources(`${work}/stage`);
    const files = (await bundledFiles(stage)).filter((path) => !path.startsWith(stage.directory));
    const manifests = await manifestsOf([...files, fileURLToPath(await findBinding())]);
    const lock = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url))) as Lock;
    return describePackages(manifests, lock);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Puts together what packages say of themselves and what is locked. @throws Error when one is not locked */
export function describePackages(manifests: readonly Manifest[], lock: Lock): ShippedPackage[] {
  const locked = new Map(Object.entries(lock.npm).map(([key, entry]) => [withoutPeers(key), entry]));
  const shipped = new Set(manifests.map(idOf));
  // Where only one version is locked, what depends on it names no version.
  const byName = new Map([...locked.keys()].map((id) => [id.slice(0, id.lastIndexOf("@")), id]));
  return manifests.map((manifest) => {
    const entry = locked.get(idOf(manifest));
    if (entry?.integrity === undefined) {
      throw new Error(
        `Cannot tell what is shipped because "${idOf(manifest)}" is not in deno.lock; run "deno install" and commit it`,
      );
    }
    const dependencies = [...entry.dependencies ?? [], ...entry.optionalDependencies ?? []].map(withoutAlias).map((
      name,
    ) => byName.get(name) ?? withoutPeers(name));
    return {
      name: manifest.name,
      version: manifest.version,
      licence: typeof manifest.license === "string" ? manifest.license : undefined,
      integrity: entry.integrity,
      dependencies: dependencies.filter((id) => shipped.has(id)).sort(),
    };
  }).sort((a, b) => idOf(a) < idOf(b) ? -1 : 1);
}

/** `name@version`. */
export function idOf({ name, version }: Pick<Manifest, "name" | "version">): string {
  return `${name}@${version}`;
}

/** The packages that files belong to, each once. */
async function manifestsOf(files: readonly string[]): Promise<Manifest[]> {
  const known = new Map<string, Manifest>();
  const packages = new Map<string, Manifest>();
  for (const file of files) {
    const manifest = await manifestAbove(file.slice(0, file.lastIndexOf("/")), known);
    packages.set(idOf(manifest), manifest);
  }
  return [...packages.values()];
}

/** The nearest `package.json` that names a package; those that only set the kind of modules of a folder do not. */
async function manifestAbove(directory: string, known: Map<string, Manifest>): Promise<Manifest> {
  const before = known.get(directory);
  if (before !== undefined) return before;
  if (directory === "") throw new Error("Cannot tell what is shipped because a bundled file belongs to no package");
  const text = await Deno.readTextFile(`${directory}/package.json`).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "{}";
    throw error;
  });
  const own = JSON.parse(text) as Partial<Manifest>;
  const manifest = own.name !== undefined && own.version !== undefined
    ? own as Manifest
    : await manifestAbove(directory.slice(0, directory.lastIndexOf("/")), known);
  known.set(directory, manifest);
  return manifest;
}

/** `isows@1.0.7_ws@8.21.0` is `isows@1.0.7` beside a version of `ws`; names may hold an underscore, versions none. */
function withoutPeers(key: string): string {
  const version = key.indexOf("@", 1);
  const peers = version < 0 ? -1 : key.indexOf("_", version);
  return peers < 0 ? key : key.slice(0, peers);
}

/** `sodium-native@npm:sodium-javascript@0.8.0` is the package behind `npm:`. */
function withoutAlias(dependency: string): string {
  const alias = dependency.indexOf("@npm:");
  return alias < 0 ? dependency : dependency.slice(alias + "@npm:".length);
}
