import type { Logger } from "@/context/mod.ts";
import { type ComponentDigest, describeError } from "@/domain/mod.ts";
import { writeWhole } from "./atomic_file.ts";
import { hashComponent } from "./component_store.ts";
import type { MeteredFiles } from "./types.ts";

export interface MeteredCacheOptions {
  readonly dataDirectory: string;
  /** Names the code that metered, and with which limits. */
  readonly engine: string;
}

export interface MeteredCacheModules {
  readonly files: MeteredFiles;
  readonly log: Logger;
}

/**
 * Metered core modules on disk: `<data>/metered/<engine>/<digest>`.
 *
 * The directory is not trusted. What a file must hash to is in the database, so whoever can write here and not there
 * gains nothing but the work of metering again: what was changed is not even parsed. Whoever can write the database
 * names the components services run, and needs no cache for that. Imports, exports and types are never cached; they are
 * read from the component, whose digest is in the service document.
 */
export class MeteredCache {
  readonly #root: string;
  readonly #engine: string;
  readonly #modules: MeteredCacheModules;

  constructor({ dataDirectory, engine }: MeteredCacheOptions, modules: MeteredCacheModules) {
    this.#root = `${dataDirectory}/metered`;
    this.#engine = engine;
    this.#modules = modules;
  }

  /** The file as it was written; `undefined` when there is none, or another one. */
  async read(digest: ComponentDigest): Promise<Uint8Array | undefined> {
    const { files, log } = this.#modules;
    const expected = files.get(digest, this.#engine);
    if (expected === undefined) return undefined;
    const path = this.#pathOf(digest);
    try {
      // Neither a pipe nor a file without end is opened.
      const { isFile, size } = await Deno.lstat(path);
      if (isFile && size === expected.bytes) {
        const bytes = await Deno.readFile(path);
        if (await hashComponent(bytes) === expected.sha256) return bytes;
      }
      log.warn("A file of the metering cache is not what was written, and is made anew", { path });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        log.warn("A file of the metering cache cannot be read, and is made anew", {
          path,
          reason: describeError(error),
        });
      }
    }
    return undefined;
  }

  /** Keeps a file; without it the next start only takes longer, so what fails is told and left. */
  async write(digest: ComponentDigest, file: Uint8Array): Promise<void> {
    const { files, log } = this.#modules;
    try {
      // A file that does not survive a power cut does not match its hash either.
      await writeWhole(this.#pathOf(digest), file, "process");
      files.put(digest, this.#engine, { sha256: await hashComponent(file), bytes: file.length });
    } catch (error) {
      log.warn("Metered modules are not cached", { digest, reason: describeError(error) });
    }
  }

  /** Removes what other engines made, what was cut short and what belongs to no component. */
  async sweep(components: ReadonlySet<ComponentDigest>): Promise<void> {
    this.#modules.files.keepOnly(this.#engine);
    for (const name of await namesIn(this.#root)) {
      if (name !== this.#engine) await Deno.remove(`${this.#root}/${name}`, { recursive: true });
    }
    const names: ReadonlySet<string> = components;
    for (const name of await namesIn(`${this.#root}/${this.#engine}`)) {
      if (!names.has(name)) await Deno.remove(`${this.#root}/${this.#engine}/${name}`, { recursive: true });
    }
  }

  #pathOf(digest: ComponentDigest): string {
    return `${this.#root}/${this.#engine}/${digest}`;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(directory), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
