import { describeError, WavsError } from "@/domain/mod.ts";
import { MAX_CONFIG_BYTES } from "./limits.ts";
import type { ConfigNote } from "./types.ts";

/** Bits of a file mode that let group or others in. */
const SHARED_MODE_BITS = 0o077;

/**
 * Reads a secret that stands in a file of its own; line breaks and blanks around it are not part of it.
 *
 * @throws WavsError `config_unreadable`; never quotes what the file holds
 */
export function readSecretFile(path: string): string {
  let text: string;
  try {
    if (Deno.statSync(path).size > MAX_CONFIG_BYTES) throw new Error(`it is larger than ${MAX_CONFIG_BYTES} bytes`);
    text = Deno.readTextFileSync(path).trim();
  } catch (cause) {
    throw unreadable(path, describeError(cause), cause);
  }
  if (text === "") throw unreadable(path, "it is empty");
  return text;
}

/** The secret of this name that the service manager hands over (`LoadCredential=`), if there is one. */
export function readCredential(directory: string, name: string): string | undefined {
  const path = `${directory}/${name}`;
  try {
    Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unreadable(path, describeError(error), error);
  }
  return readSecretFile(path);
}

/** Warns of a file with secrets in it that other users of the machine may read. */
export function sharedFileNotes(path: string): readonly ConfigNote[] {
  const mode = Deno.statSync(path).mode;
  if (mode === null || (mode & SHARED_MODE_BITS) === 0) return [];
  return [{
    level: "warn",
    message: `"${path}" holds a secret and other users may read it; run chmod 600 "${path}"`,
  }];
}

function unreadable(path: string, why: string, cause?: unknown): WavsError {
  return new WavsError("config_unreadable", {
    message: `Cannot read the secret in "${path}": ${why}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
