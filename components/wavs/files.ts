import preopens from "wasi:filesystem/preopens@0.2.0";
import type { Descriptor, DirectoryEntryStream } from "./bindings/filesystem_types.d.ts";
import { concatBytes } from "./bytes.ts";

/** How much of a file is asked for at a time. */
const READ_CHUNK_BYTES = 64 * 1024;

/** A directory of the service's own; it outlives the execution. */
export interface Directory {
  /** Makes an empty file, or empties the one that is there. */
  create(name: string): OpenFile;
  read(name: string): Uint8Array;
  /** The names in it, in no order. */
  list(): string[];
}

export interface OpenFile {
  /** Puts these bytes at the beginning of the file. */
  write(contents: Uint8Array): void;
}

/**
 * Opens a directory below the service's own, and makes it when there is none.
 *
 * A component needs the permission `file_system` for it; without, there is no directory.
 *
 * @param path relative to the service's directory, such as `./reports`
 * @throws Error naming the WASI error code
 */
export function openDirectory(path: string): Directory {
  const [root] = preopens.getDirectories()[0] ?? [];
  if (root === undefined) {
    throw new Error(`failed to find a pre-opened file descriptor through which "${path}" could be opened`);
  }
  makeDirectory(root, path);
  const directory = named(
    path,
    () => root.openAt({}, path, { directory: true }, { read: true, mutateDirectory: true }),
  );
  return {
    create: (name) => createFile(directory, name),
    read: (name) => named(name, () => readFile(directory.openAt({}, name, {}, { read: true }))),
    list: () => named(path, () => readNames(directory.readDirectory())),
  };
}

function makeDirectory(root: Descriptor, path: string): void {
  try {
    root.createDirectoryAt(path);
  } catch (error) {
    if (codeOf(error) !== "exist") throw new Error(`Cannot make "${path}" because of ${codeOf(error)}`);
  }
}

function createFile(directory: Descriptor, name: string): OpenFile {
  const file = named(name, () => directory.openAt({}, name, { create: true, truncate: true }, { write: true }));
  return {
    write: (contents) =>
      named(name, () => {
        for (let offset = 0; offset < contents.length;) offset += file.write(contents.subarray(offset), offset);
      }),
  };
}

function readFile(file: Descriptor): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let offset = 0, end = false; !end;) {
    const [bytes, atEnd] = file.read(READ_CHUNK_BYTES, offset);
    chunks.push(bytes);
    offset += bytes.length;
    end = atEnd;
  }
  file[Symbol.dispose]();
  return concatBytes(chunks);
}

function readNames(entries: DirectoryEntryStream): string[] {
  const names: string[] = [];
  for (let entry = entries.readDirectoryEntry(); entry !== null; entry = entries.readDirectoryEntry()) {
    names.push(entry.name);
  }
  entries[Symbol.dispose]();
  return names;
}

/** Puts the name of what failed into the message; WASI gives a code and nothing else. */
function named<T>(name: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new Error(`Cannot use "${name}" because of ${codeOf(error)}`);
  }
}

function codeOf(error: unknown): string {
  const { payload = error } = error as { payload?: unknown };
  return String(payload);
}
