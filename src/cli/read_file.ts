import { describeError, WavsError } from "@/domain/mod.ts";
import { MAX_READ_BYTES } from "./limits.ts";

/**
 * Reads a file a person named.
 *
 * @param what it is to be, for the message
 * @throws WavsError `file_unreadable`, `file_too_large`
 */
export async function readNamedFile(path: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size } = await Deno.stat(path);
    if (size <= MAX_READ_BYTES) return await Deno.readFile(path);
  } catch (cause) {
    throw new WavsError("file_unreadable", {
      message: `Cannot read the ${what} "${path}" because ${describeError(cause)}`,
      retryable: false,
      cause,
    });
  }
  throw new WavsError("file_too_large", {
    message: `Cannot read the ${what} "${path}" because it has more than ${MAX_READ_BYTES} bytes`,
    retryable: false,
  });
}
