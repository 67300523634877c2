import { sortedUtf8, utf8Bytes } from "@/domain/mod.ts";
import { attemptFile, refuse } from "./filesystem_errors.ts";
import { MAX_DIRECTORY_ENTRIES } from "./limits.ts";
import type { GuestScope } from "./scope.ts";

export type DescriptorType = "directory" | "regular-file" | "symbolic-link" | "unknown";

export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

/** What an entry weighs besides its name. */
const ENTRY_OVERHEAD_BYTES = 64;

/** `wasi:filesystem/types` directory-entry-stream: sorted by name, so that operators see the same order. */
export class DirectoryEntryStream implements Disposable {
  readonly #scope: GuestScope;
  readonly #entries: DirectoryEntry[];
  readonly #bytes: number;
  #next = 0;
  #isClosed = false;

  constructor(path: string, scope: GuestScope) {
    this.#scope = scope;
    this.#entries = list(path);
    this.#bytes = this.#entries.reduce((sum, { name }) => sum + utf8Bytes(name).length + ENTRY_OVERHEAD_BYTES, 0);
    scope.reserve(this.#bytes);
  }

  readDirectoryEntry(): DirectoryEntry | undefined {
    return this.#entries[this.#next++];
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#scope.release(this.#bytes);
  }
}

export function typeOf(info: Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink">): DescriptorType {
  if (info.isFile) return "regular-file";
  if (info.isDirectory) return "directory";
  return info.isSymlink ? "symbolic-link" : "unknown";
}

function list(path: string): DirectoryEntry[] {
  return attemptFile(() => {
    const found = new Map<string, DirectoryEntry>();
    for (const entry of Deno.readDirSync(path)) {
      if (found.size >= MAX_DIRECTORY_ENTRIES) refuse("insufficient-memory");
      found.set(entry.name, { type: typeOf(entry), name: entry.name });
    }
    return sortedUtf8(found.keys()).flatMap((name) => found.get(name) ?? []);
  });
}
