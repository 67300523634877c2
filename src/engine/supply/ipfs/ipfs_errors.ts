import { WavsError } from "@/domain/mod.ts";

/** The graph is what its CID says, but is not the file somebody meant. */
export function ipfsInvalid(uri: string, why: string, cause?: unknown): WavsError {
  return new WavsError("ipfs_file_invalid", {
    message: `Cannot fetch "${uri}" because ${why}`,
    retryable: false,
    meta: { uri },
    ...(cause === undefined ? {} : { cause }),
  });
}
