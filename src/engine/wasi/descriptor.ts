import { type DescriptorType, DirectoryEntryStream } from "./directory_stream.ts";
import { type DescriptorStat, existing, hashOf, type MetadataHash, statOf } from "./file_info.ts";
import { attemptFile, refuse } from "./filesystem_errors.ts";
import { resolveBeneath } from "./guest_path.ts";
import { MAX_STREAM_CHUNK_BYTES } from "./limits.ts";
import type { OpenFile, OpenFiles } from "./open_file.ts";
import type { GuestScope } from "./scope.ts";
import { InputStream, OutputStream } from "./streams.ts";

export interface DescriptorFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly fileIntegritySync?: boolean;
  readonly dataIntegritySync?: boolean;
  readonly requestedWriteSync?: boolean;
  readonly mutateDirectory?: boolean;
}

export interface OpenFlags {
  readonly create?: boolean;
  readonly directory?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
}

interface PathFlags {
  readonly symlinkFollow?: boolean;
}

type NewTimestamp =
  | { readonly tag: "no-change" | "now" }
  | { readonly tag: "timestamp"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } };

export interface DescriptorModules {
  readonly scope: GuestScope;
  readonly files: OpenFiles;
}

/** What a descriptor stands for; paths are absolute on the host and free of symbolic links. */
export interface DescriptorTarget {
  readonly path: string;
  readonly flags: DescriptorFlags;
  /** Absent for a directory. */
  readonly file?: OpenFile;
}

/**
 * `wasi:filesystem/types` descriptor (spec/engine.md 2.4). Paths are relative to a directory's descriptor and do not
 * leave it. A directory may be changed whatever flags it was opened with, as the one preopened directory grants every
 * right; a file is read and written as its flags say. Calls are synchronous: only executions of the service whose files
 * these are wait for them.
 */
export class Descriptor implements Disposable {
  readonly #path: string;
  readonly #flags: DescriptorFlags;
  readonly #file: OpenFile | undefined;
  readonly #modules: DescriptorModules;

  constructor({ path, flags, file }: DescriptorTarget, modules: DescriptorModules) {
    this.#path = path;
    this.#flags = flags;
    this.#file = file;
    this.#modules = modules;
  }

  readViaStream(offset: bigint): InputStream {
    return new InputStream(this.#readable().source(offset), this.#modules.scope);
  }

  writeViaStream(offset: bigint): OutputStream {
    return new OutputStream(this.#writable().sink(offset), this.#modules.scope);
  }

  appendViaStream(): OutputStream {
    return new OutputStream(this.#writable().sink(undefined), this.#modules.scope);
  }

  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    const maxBytes = length > MAX_STREAM_CHUNK_BYTES ? MAX_STREAM_CHUNK_BYTES : Number(length);
    const bytes = this.#readable().readAt(offset, maxBytes);
    return [bytes ?? new Uint8Array(), bytes === undefined];
  }

  write(bytes: Uint8Array, offset: bigint): bigint {
    this.#writable().writeAt(offset, bytes);
    return BigInt(bytes.length);
  }

  /** Advice is just that. */
  advise(): void {}

  sync(): void {
    attemptFile(() => this.#file?.file.syncSync());
  }

  syncData(): void {
    attemptFile(() => this.#file?.file.syncDataSync());
  }

  getFlags(): DescriptorFlags {
    return this.#flags;
  }

  getType(): DescriptorType {
    return this.#file === undefined ? "directory" : "regular-file";
  }

  setSize(size: bigint): void {
    this.#writable().setSize(size);
  }

  setTimes(access: NewTimestamp, modification: NewTimestamp): void {
    this.#setTimes(this.#path, access, modification);
  }

  setTimesAt(flags: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp): void {
    const host = this.#resolve(path, flags.symlinkFollow ?? false);
    // The platform would set the times of what the link points to, wherever that is.
    if (attemptFile(() => Deno.lstatSync(host)).isSymlink) refuse("unsupported");
    this.#setTimes(host, access, modification);
  }

  stat(): DescriptorStat {
    return statOf(this.#info());
  }

  statAt(flags: PathFlags, path: string): DescriptorStat {
    return statOf(this.#infoAt(flags, path));
  }

  metadataHash(): MetadataHash {
    return hashOf(this.#info());
  }

  metadataHashAt(flags: PathFlags, path: string): MetadataHash {
    return hashOf(this.#infoAt(flags, path));
  }

  isSameObject(other: Descriptor): boolean {
    const [mine, its] = [hashOf(this.#info()), hashOf(other.#info())];
    return mine.lower === its.lower && mine.upper === its.upper;
  }

  readDirectory(): DirectoryEntryStream {
    return new DirectoryEntryStream(this.#directory(), this.#modules.scope);
  }

  openAt(pathFlags: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
    if (open.directory === true && (open.create === true || open.truncate === true)) refuse("invalid");
    const host = this.#resolve(path, pathFlags.symlinkFollow ?? false);
    const info = existing(host);
    if (info?.isDirectory) return this.#openDirectory(host, open, flags);
    if (open.directory === true) refuse(info === undefined ? "no-entry" : "not-directory");
    if (info?.isSymlink) refuse("loop");
    // Opening a pipe would wait for its other end; a device is nobody's business here.
    if (info !== undefined && !info.isFile) refuse("unsupported");
    if (info === undefined && open.create === true) this.#modules.files.claimEntry();
    return this.#openFile(host, open, flags);
  }

  createDirectoryAt(path: string): void {
    const host = this.#resolve(path, false);
    this.#modules.files.claimEntry();
    attemptFile(() => Deno.mkdirSync(host));
  }

  removeDirectoryAt(path: string): void {
    const host = this.#resolve(path, false);
    if (host === this.#path) refuse("invalid");
    attemptFile(() => {
      if (!Deno.lstatSync(host).isDirectory) refuse("not-directory");
      Deno.removeSync(host);
    });
  }

  unlinkFileAt(path: string): void {
    const host = this.#resolve(path, false);
    attemptFile(() => {
      if (Deno.lstatSync(host).isDirectory) refuse("is-directory");
      Deno.removeSync(host);
    });
  }

  renameAt(path: string, target: Descriptor, targetPath: string): void {
    const from = this.#resolve(path, false);
    const to = target.#resolve(targetPath, false);
    if (from === this.#path || to === target.#path) refuse("busy");
    attemptFile(() => Deno.renameSync(from, to));
  }

  linkAt(flags: PathFlags, path: string, target: Descriptor, targetPath: string): void {
    if (flags.symlinkFollow === true) refuse("invalid");
    const from = this.#resolve(path, false);
    const to = target.#resolve(targetPath, false);
    this.#modules.files.claimEntry();
    attemptFile(() => Deno.linkSync(from, to));
  }

  /** A link could point anywhere for whoever else reads this directory. */
  symlinkAt(target: string, path: string): never {
    this.#modules.scope.refuse("file", `the symbolic link "${path}" to "${target}" is not made: none are`);
    return refuse("not-permitted");
  }

  readlinkAt(path: string): string {
    const host = this.#resolve(path, false);
    return attemptFile(() => Deno.readLinkSync(host));
  }

  [Symbol.dispose](): void {
    this.#file?.release();
  }

  #openDirectory(path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
    if (open.exclusive === true && open.create === true) refuse("exist");
    if (flags.write === true || open.truncate === true) refuse("is-directory");
    return new Descriptor({ path, flags }, this.#modules);
  }

  #openFile(path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
    const needsWrite = flags.write === true || open.create === true || open.truncate === true;
    const isNew = open.create === true && open.exclusive === true;
    const file = this.#modules.files.open(path, {
      read: flags.read === true || !needsWrite,
      write: needsWrite,
      create: open.create === true && !isNew,
      createNew: isNew,
      truncate: open.truncate === true,
    });
    return new Descriptor({ path, flags, file }, this.#modules);
  }

  #resolve(path: string, followLast: boolean): string {
    const root = this.#directory();
    try {
      return attemptFile(() => resolveBeneath(root, path, { followLast }));
    } catch (code) {
      if (code === "not-permitted") {
        this.#modules.scope.refuse("file", `the path "${path}" leads out of its directory`);
      }
      throw code;
    }
  }

  #directory(): string {
    if (this.#file !== undefined) refuse("not-directory");
    return this.#path;
  }

  #readable(): OpenFile {
    if (this.#file === undefined) refuse("is-directory");
    if (this.#flags.read !== true) refuse("bad-descriptor");
    return this.#file;
  }

  #writable(): OpenFile {
    if (this.#file === undefined) refuse("is-directory");
    if (this.#flags.write !== true) refuse("bad-descriptor");
    return this.#file;
  }

  #info(): Deno.FileInfo {
    return attemptFile(() => this.#file?.file.statSync() ?? Deno.statSync(this.#path));
  }

  #infoAt(flags: PathFlags, path: string): Deno.FileInfo {
    // After the walk nothing is left to follow but what is not to be followed.
    const host = this.#resolve(path, flags.symlinkFollow ?? false);
    return attemptFile(() => Deno.lstatSync(host));
  }

  #setTimes(host: string, access: NewTimestamp, modification: NewTimestamp): void {
    attemptFile(() => {
      const info = Deno.lstatSync(host);
      Deno.utimeSync(host, this.#time(access, info.atime), this.#time(modification, info.mtime));
    });
  }

  #time(time: NewTimestamp, current: Date | null): Date {
    switch (time.tag) {
      case "no-change":
        return current ?? new Date(0);
      case "now":
        return new Date(this.#modules.scope.clock.now());
      case "timestamp": {
        const ms = Number(time.val.seconds) * 1000 + Math.floor(time.val.nanoseconds / 1_000_000);
        const date = new Date(ms);
        return Number.isNaN(date.getTime()) ? refuse("overflow") : date;
      }
    }
  }
}
