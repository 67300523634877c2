import { attemptFile, filesystemCodeOf, refuse } from "./filesystem_errors.ts";
import { IoError } from "./error.ts";
import { MAX_FILE_BYTES, MAX_OPEN_DESCRIPTORS, MAX_STREAM_CHUNK_BYTES } from "./limits.ts";
import { ALWAYS_READY } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import type { ServiceDirectory } from "./service_directory.ts";
import type { ByteSink, ByteSource } from "./streams.ts";

/** The files one execution has open. */
export class OpenFiles {
  readonly directory: ServiceDirectory;
  readonly #scope: GuestScope;
  #count = 0;

  constructor(directory: ServiceDirectory, scope: GuestScope) {
    this.directory = directory;
    this.#scope = scope;
  }

  /** @throws FilesystemErrorCode `insufficient-memory` when too many are open, or why this one cannot be */
  open(path: string, options: Deno.OpenOptions): OpenFile {
    if (this.#count >= MAX_OPEN_DESCRIPTORS) {
      this.#scope.refuse("file", `one execution may have at most ${MAX_OPEN_DESCRIPTORS} files open`);
      refuse("insufficient-memory");
    }
    const file = attemptFile(() => Deno.openSync(path, options));
    this.#count++;
    const opened = new OpenFile(file, this, () => {
      this.#count--;
      this.directory.letGo(opened);
      this.#scope.disown(opened);
    });
    this.directory.hold(opened);
    this.#scope.own(opened);
    return opened;
  }

  /** Call before a file, directory or link is made. @throws FilesystemErrorCode `quota` */
  claimEntry(): void {
    this.#claim(() => this.directory.claimEntry());
  }

  /** Call before a file grows. @throws FilesystemErrorCode `file-too-large`, `quota` */
  claimGrowth(from: bigint, to: bigint): void {
    if (to > MAX_FILE_BYTES) {
      this.#scope.refuse("file", `a file may have at most ${MAX_FILE_BYTES} bytes`);
      refuse("file-too-large");
    }
    if (to > from) this.#claim(() => this.directory.claimBytes(Number(to - from)));
  }

  #claim(claim: () => void): void {
    try {
      claim();
    } catch (code) {
      if (code === "quota") this.#scope.refuse("file", "the files of the service have reached their quota");
      throw code;
    }
  }
}

/** A file the guest has open, shared by its descriptor and the streams made of it; the last to leave closes it. */
export class OpenFile implements Disposable {
  readonly file: Deno.FsFile;
  readonly #files: OpenFiles;
  readonly #onClosed: () => void;
  #holders = 1;

  constructor(file: Deno.FsFile, files: OpenFiles, onClosed: () => void) {
    this.file = file;
    this.#files = files;
    this.#onClosed = onClosed;
  }

  release(): void {
    if (--this.#holders === 0) this[Symbol.dispose]();
  }

  /** Closes it whoever still holds it: the execution is over. */
  [Symbol.dispose](): void {
    if (this.#holders < 0) return;
    this.#holders = -1;
    this.file.close();
    this.#onClosed();
  }

  /** Bytes at `offset`, at most `maxBytes`; `undefined` at the end of the file. */
  readAt(offset: bigint, maxBytes: number): Uint8Array | undefined {
    return attemptFile(() => {
      this.file.seekSync(seekable(offset), Deno.SeekMode.Start);
      const bytes = new Uint8Array(maxBytes);
      const length = this.file.readSync(bytes);
      return length === null ? undefined : bytes.subarray(0, length);
    });
  }

  /** Writes all of `bytes` at `offset`. */
  writeAt(offset: bigint, bytes: Uint8Array): void {
    this.#files.claimGrowth(this.sizeBytes(), offset + BigInt(bytes.length));
    attemptFile(() => {
      this.file.seekSync(seekable(offset), Deno.SeekMode.Start);
      for (let written = 0; written < bytes.length;) written += this.file.writeSync(bytes.subarray(written));
    });
  }

  setSize(size: bigint): void {
    this.#files.claimGrowth(this.sizeBytes(), size);
    attemptFile(() => this.file.truncateSync(Number(size)));
  }

  sizeBytes(): bigint {
    return BigInt(attemptFile(() => this.file.statSync()).size);
  }

  source(offset: bigint): ByteSource {
    let position = offset;
    this.#holders++;
    return {
      ...ALWAYS_READY,
      read: (maxBytes) => {
        const bytes = asStream(() => this.readAt(position, Math.min(maxBytes, MAX_STREAM_CHUNK_BYTES)));
        position += BigInt(bytes?.length ?? 0);
        return bytes;
      },
      close: once(() => this.release()),
    };
  }

  /** @param offset where writing starts; `undefined` writes at the end, wherever that is at the time */
  sink(offset: bigint | undefined): ByteSink {
    let position = offset;
    this.#holders++;
    return {
      ...ALWAYS_READY,
      capacity: () => MAX_STREAM_CHUNK_BYTES,
      write: (bytes) => {
        asStream(() => this.writeAt(position ?? this.sizeBytes(), bytes));
        if (position !== undefined) position += BigInt(bytes.length);
      },
      flushed: () => true,
      close: once(() => this.release()),
    };
  }
}

/** Positions a file can have; anything beyond is past the end of every file here. */
function seekable(offset: bigint): number {
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) refuse("invalid");
  return Number(offset);
}

/** A stream fails with an io-error, whose reason `filesystem-error-code` tells. */
function asStream<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const code = error instanceof Error ? filesystemCodeOf(error) : error;
    throw new IoError(`file operation failed: ${code}`, code);
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
