import type { HostImports } from "../component/types.ts";
import { Descriptor, type DescriptorFlags } from "./descriptor.ts";
import { DirectoryEntryStream } from "./directory_stream.ts";
import type { IoError } from "./error.ts";
import { OpenFiles } from "./open_file.ts";
import type { GuestScope } from "./scope.ts";

export interface FilesystemOptions {
  /** The service's own directory, an absolute path without symbolic links; absent without the permission. */
  readonly directory: string | undefined;
}

const ALL_RIGHTS: DescriptorFlags = { read: true, write: false, mutateDirectory: true };

/** `wasi:filesystem` (spec/engine.md 2.4): one directory called `.`, or none at all. */
export function createFilesystem({ directory }: FilesystemOptions, scope: GuestScope): HostImports {
  const files = new OpenFiles(scope);
  return {
    "wasi:filesystem/preopens": {
      getDirectories: () =>
        directory === undefined
          ? []
          : [[new Descriptor({ path: directory, flags: ALL_RIGHTS }, { scope, files }), "."]],
    },
    "wasi:filesystem/types": {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode: (error: IoError): unknown => typeof error.reason === "string" ? error.reason : undefined,
    },
  };
}
