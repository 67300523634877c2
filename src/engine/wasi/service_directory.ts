import { attemptFile, refuse } from "./filesystem_errors.ts";
import { MAX_SERVICE_BYTES, MAX_SERVICE_ENTRIES } from "./limits.ts";

export interface DirectoryLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** Something open whose bytes stay on the disk until it is closed, even when it has no name any more. */
export interface HeldFile {
  readonly file: Deno.FsFile;
}

interface Usage {
  bytes: number;
  entries: number;
}

const DEFAULT_LIMITS: DirectoryLimits = { maxBytes: MAX_SERVICE_BYTES, maxEntries: MAX_SERVICE_ENTRIES };

/**
 * The directory of one service, and how much it may hold. One object stands for it in the one worker that may write to
 * it, shared by all executions there.
 *
 * Only growth is counted as it happens; what was deleted is found out by measuring anew once the count reaches a limit.
 * So the count is never below the truth, whatever a guest links, renames or keeps open after deleting it.
 */
export class ServiceDirectory {
  /** Absolute, and free of symbolic links. */
  readonly path: string;
  readonly #limits: DirectoryLimits;
  readonly #open = new Set<HeldFile>();
  #usage: Usage | undefined;

  constructor(path: string, limits: DirectoryLimits = DEFAULT_LIMITS) {
    this.path = path;
    this.#limits = limits;
  }

  /** Call before a file grows. @throws FilesystemErrorCode `quota` */
  claimBytes(bytes: number): void {
    this.#claim({ bytes, entries: 0 });
  }

  /** Call before a file, directory or link is made. @throws FilesystemErrorCode `quota` */
  claimEntry(): void {
    this.#claim({ bytes: 0, entries: 1 });
  }

  hold(file: HeldFile): void {
    this.#open.add(file);
  }

  letGo(file: HeldFile): void {
    this.#open.delete(file);
  }

  #claim(growth: Usage): void {
    let usage = this.#usage ??= attemptFile(() => this.#measure());
    if (!this.#fits(usage, growth)) usage = this.#usage = attemptFile(() => this.#measure());
    if (!this.#fits(usage, growth)) refuse("quota");
    usage.bytes += growth.bytes;
    usage.entries += growth.entries;
  }

  /** What takes no more room is always allowed, over the limit too. */
  #fits(usage: Usage, growth: Usage): boolean {
    const { maxBytes, maxEntries } = this.#limits;
    return (growth.bytes === 0 || usage.bytes + growth.bytes <= maxBytes) &&
      (growth.entries === 0 || usage.entries + growth.entries <= maxEntries);
  }

  #measure(): Usage {
    const usage = { bytes: 0, entries: 0 };
    const seen = new Set<number | null>();
    const pending = [this.path];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      for (const { name, isDirectory } of Deno.readDirSync(directory)) {
        // More than can be counted is too much, however much more it is.
        if (++usage.entries > this.#limits.maxEntries) return usage;
        const path = `${directory}/${name}`;
        if (isDirectory) pending.push(path);
        else addFile(usage, seen, Deno.lstatSync(path));
      }
    }
    for (const { file } of this.#open) {
      const info = file.statSync();
      if (info.nlink === 0) addFile(usage, seen, info);
    }
    return usage;
  }
}

/** A file with several names takes its room once. */
function addFile(usage: Usage, seen: Set<number | null>, info: Deno.FileInfo): void {
  if (seen.has(info.ino)) return;
  seen.add(info.ino);
  usage.bytes += info.size;
}
