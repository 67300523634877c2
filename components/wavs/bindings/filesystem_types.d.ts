export interface Descriptor {
  createDirectoryAt(path: string): void;
  openAt(pathFlags: PathFlags, path: string, openFlags: OpenFlags, flags: DescriptorFlags): Descriptor;
  /** Returns how many bytes were written. */
  write(buffer: Uint8Array, offset: number): number;
  read(length: number, offset: number): [bytes: Uint8Array, end: boolean];
  readDirectory(): DirectoryEntryStream;
  [Symbol.dispose](): void;
}

export interface PathFlags {
  symlinkFollow?: boolean;
}

export interface OpenFlags {
  create?: boolean;
  directory?: boolean;
  exclusive?: boolean;
  truncate?: boolean;
}

export interface DescriptorFlags {
  read?: boolean;
  write?: boolean;
  mutateDirectory?: boolean;
}

export interface DirectoryEntryStream {
  readDirectoryEntry(): { type: string; name: string } | null;
  [Symbol.dispose](): void;
}
