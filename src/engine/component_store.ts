import {
  type ComponentDigest,
  componentDigestOf,
  describeError,
  parseComponentDigest,
  WavsError,
} from "@/domain/mod.ts";

/** Components on disk under their digest: `<data>/ca/<xx>/<yy>/<digest>` (spec/engine.md 3.5). */
export class ComponentStore {
  readonly #root: string;

  constructor(dataDirectory: string) {
    this.#root = `${dataDirectory}/ca`;
  }

  /** Stores bytes whole or not at all; the same bytes again are no error. @throws WavsError `storage_full`, `storage_failed` */
  async put(bytes: Uint8Array): Promise<ComponentDigest> {
    const digest = componentDigestOf(bytes);
    const path = this.#pathOf(digest);
    if (await this.has(digest)) return digest;
    const temporary = `${path}.${crypto.randomUUID()}.part`;
    try {
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await writeDurably(temporary, bytes);
      await Deno.rename(temporary, path);
    } catch (cause) {
      await Deno.remove(temporary).catch(() => {});
      throw storageError(`store component "${digest}"`, cause);
    }
    return digest;
  }

  async has(digest: ComponentDigest): Promise<boolean> {
    try {
      return (await Deno.stat(this.#pathOf(digest))).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw storageError(`look up component "${digest}"`, error);
    }
  }

  /**
   * Reads a component and hashes it again.
   *
   * @throws WavsError `component_unknown`, `component_damaged`
   */
  async get(digest: ComponentDigest): Promise<Uint8Array<ArrayBuffer>> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(this.#pathOf(digest));
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw storageError(`read component "${digest}"`, cause);
      throw new WavsError("component_unknown", {
        message: `No wasm found for digest ${digest}; upload it with POST /dev/components or give it a download source`,
        retryable: false,
        meta: { digest },
      });
    }
    const actual = componentDigestOf(bytes);
    if (actual === digest) return bytes;
    throw new WavsError("component_damaged", {
      message:
        `Cannot use component "${digest}" because its file hashes to "${actual}"; delete the file and register again`,
      retryable: false,
      meta: { digest, actual },
    });
  }

  /** Everything in the store; files that are no components are passed over. */
  async list(): Promise<readonly ComponentDigest[]> {
    const digests: ComponentDigest[] = [];
    for await (const first of entries(this.#root)) {
      for await (const second of entries(`${this.#root}/${first}`)) {
        for await (const name of entries(`${this.#root}/${first}/${second}`)) {
          if (/^[0-9a-f]{64}$/.test(name)) digests.push(parseComponentDigest(name));
        }
      }
    }
    return digests.sort();
  }

  #pathOf(digest: ComponentDigest): string {
    return `${this.#root}/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
  }
}

async function* entries(directory: string): AsyncIterable<string> {
  try {
    for await (const { name } of Deno.readDir(directory)) yield name;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  await file.sync();
}

function storageError(action: string, cause: unknown): WavsError {
  const text = describeError(cause);
  const isFull = /no space|ENOSPC|quota/i.test(text);
  return new WavsError(isFull ? "storage_full" : "storage_failed", {
    message: `Cannot ${action} because ${text}${isFull ? "; free some space on the volume of the data directory" : ""}`,
    retryable: isFull,
    cause,
  });
}
