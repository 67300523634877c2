/** Of the sources that decide how core modules are metered; written by the build. */
const SOURCES = "__SOURCES__";

const VERSION_CHARS = 16;

/** What `src/engine/engine_version.ts` answers in a checkout; a binary has no sources to read. */
export async function readEngineVersion(options: string): Promise<string | undefined> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${options}\0${SOURCES}`));
  return new Uint8Array(hash).toHex().slice(0, VERSION_CHARS);
}
