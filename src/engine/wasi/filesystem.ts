import type { HostImports } from "../component/types.ts";
import { Descriptor, type DescriptorFlags } from "./descriptor.ts";
import { DirectoryEntryStream } from "./directory_stream.ts";
import type { IoError } from "./error.ts";
import { OpenFiles } from "./open_file.ts";
import type { GuestScope } from "./scope.ts";
import type { ServiceDirectory } from "./service_directory.ts";

export interface FilesystemOptions {
  /** The service's own directory; absent without the permission. */
  readonly directory: ServiceDirectory | undefined;
}

const ALL_RIGHTS: DescriptorFlags = { read: true, write: false, mutateDirectory: true };

/** `wasi:filesystem` (spec/engine.md 2.4): one directory called `.`, or none at all. */
export function createFilesystem({ directory }: FilesystemOptions, scope: GuestScope): HostImports {
  const files = directory === undefined ? undefined : new OpenFiles(directory, scope);
  return {
    "wasi:filesystem/preopens": { getDirectories: () => files === undefined ? [] : [[openRoot(files, scope), "."]] },
    "wasi:filesystem/types": {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode: (error: IoError): unknown => typeof error.reason === "string" ? error.reason : undefined,
    },
  };
}

function openRoot(files: OpenFiles, scope: GuestScope): Descriptor {
  return new Descriptor({ path: files.directory.path, flags: ALL_RIGHTS }, { scope, files });
}
