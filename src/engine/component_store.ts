import type { Clock } from "@/context/mod.ts";
import { type ComponentDigest, isWavsError, parseComponentDigest, WavsError } from "@/domain/mod.ts";
import { type Durability, PARTIAL_SUFFIX, storageError, writeWhole } from "./atomic_file.ts";
import { MAX_COMPONENT_BYTES } from "./limits.ts";

export interface ComponentStoreOptions {
  readonly dataDirectory: string;
  readonly durability: Durability;
}

/** A file of the store. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was written, or last named by somebody who needs it. */
  readonly usedAtMs: number;
}

export interface StoredComponent extends StoredFile {
  readonly digest: ComponentDigest;
}

/** Components on disk under their digest: `<data>/ca/<xx>/<yy>/<digest>` (spec/engine.md 3.5). */
export class ComponentStore {
  readonly #root: string;
  readonly #durability: Durability;
  readonly #clock: Clock;

  constructor({ dataDirectory, durability }: ComponentStoreOptions, { clock }: { readonly clock: Clock }) {
    this.#root = `${dataDirectory}/ca`;
    this.#durability = durability;
    this.#clock = clock;
  }

  /**
   * Stores bytes whole or not at all. The same bytes again are no error, and mend a file that was damaged.
   *
   * @throws WavsError `storage_full`, `storage_failed`
   */
  async put(bytes: Uint8Array): Promise<ComponentDigest> {
    const digest = await hashComponent(bytes);
    if (await this.touch(digest) && await this.#isIntact(digest)) return digest;
    await writeWhole(this.#pathOf(digest), bytes, this.#durability);
    return digest;
  }

  /** Tells whether a component is there, and notes that somebody needs it, so that a collection lets it be for a while. */
  async touch(digest: ComponentDigest): Promise<boolean> {
    // A number is taken as seconds.
    const now = this.#clock.now() / 1000;
    try {
      await Deno.utime(this.#pathOf(digest), now, now);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw storageError(`look up component "${digest}"`, error);
    }
  }

  /**
   * Reads a component and hashes it again.
   *
   * @throws WavsError `component_unknown`, `component_damaged`, `storage_failed`
   */
  async get(digest: ComponentDigest): Promise<Uint8Array> {
    const path = this.#pathOf(digest);
    let bytes: Uint8Array;
    try {
      // Nothing is read that would fill the memory before it could be hashed.
      const { isFile, size } = await Deno.lstat(path);
      if (!isFile) throw damaged(digest, "is no file");
      if (size > MAX_COMPONENT_BYTES) throw damaged(digest, `has ${size} bytes`);
      bytes = await Deno.readFile(path);
    } catch (cause) {
      if (isWavsError(cause)) throw cause;
      if (isAbsent(cause)) throw unknownComponent(digest);
      throw storageError(`read component "${digest}"`, cause);
    }
    const actual = await hashComponent(bytes);
    if (actual === digest) return bytes;
    throw damaged(digest, `hashes to "${actual}"`);
  }

  /** The digests of everything in the store, sorted; files that are no components are passed over. */
  async list(): Promise<readonly ComponentDigest[]> {
    const digests: ComponentDigest[] = [];
    for await (const { name } of this.#files()) if (isDigest(name)) digests.push(parseComponentDigest(name));
    return digests.sort();
  }

  /** Everything in the store with its size and age; what was left over by a write that was cut short, apart. */
  async inventory(): Promise<{
    readonly components: readonly StoredComponent[];
    readonly leftovers: readonly StoredFile[];
  }> {
    const components: StoredComponent[] = [];
    const leftovers: StoredFile[] = [];
    for await (const { name, path } of this.#files()) {
      const file = await describeFile(path);
      if (file === undefined) continue;
      if (isDigest(name)) components.push({ ...file, digest: parseComponentDigest(name) });
      else if (name.endsWith(PARTIAL_SUFFIX)) leftovers.push(file);
    }
    return { components, leftovers };
  }

  /** Removes a file of the {@link inventory}, and its directories once they are empty. */
  async remove({ path }: StoredFile): Promise<void> {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!isAbsent(error)) throw storageError(`remove "${path}"`, error);
    }
    const second = parentOf(path);
    // What still holds something stays, and so does what is taken again at this moment.
    await Deno.remove(second).then(() => Deno.remove(parentOf(second))).catch(() => {});
  }

  async #isIntact(digest: ComponentDigest): Promise<boolean> {
    try {
      await this.get(digest);
      return true;
    } catch (error) {
      if (isWavsError(error, "component_damaged") || isWavsError(error, "component_unknown")) return false;
      throw error;
    }
  }

  /** The files on the level where components are. */
  async *#files(): AsyncIterable<{ readonly name: string; readonly path: string }> {
    for await (const first of entries(this.#root)) {
      for await (const second of entries(`${this.#root}/${first.name}`)) {
        const directory = `${this.#root}/${first.name}/${second.name}`;
        for await (const { name, isFile } of entries(directory)) {
          if (isFile) yield { name, path: `${directory}/${name}` };
        }
      }
    }
  }

  #pathOf(digest: ComponentDigest): string {
    return `${this.#root}/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
  }
}

/** SHA-256, off this thread: components have megabytes. */
export async function hashComponent(bytes: Uint8Array): Promise<ComponentDigest> {
  // The type leaves shared memory open, which nothing here hashes.
  const hash = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return parseComponentDigest(new Uint8Array(hash).toHex());
}

export function unknownComponent(digest: ComponentDigest): WavsError {
  return new WavsError("component_unknown", {
    message: `No wasm found for digest ${digest}; upload it with POST /dev/components or give it a download source`,
    retryable: false,
    meta: { digest },
  });
}

/** @param what the matter with its file is */
function damaged(digest: ComponentDigest, what: string): WavsError {
  return new WavsError("component_damaged", {
    message: `Cannot use component "${digest}" because its file ${what}; ` +
      "upload it again with POST /dev/components or give it a download source",
    retryable: false,
    meta: { digest },
  });
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function isDigest(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** `undefined` when it is gone meanwhile. */
async function describeFile(path: string): Promise<StoredFile | undefined> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return { path, bytes: size, usedAtMs: mtime?.getTime() ?? 0 };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw storageError(`look at "${path}"`, error);
  }
}

async function* entries(directory: string): AsyncIterable<Deno.DirEntry> {
  try {
    yield* Deno.readDir(directory);
  } catch (error) {
    if (!isAbsent(error)) throw storageError(`list "${directory}"`, error);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
