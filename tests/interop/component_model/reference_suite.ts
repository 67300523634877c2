import { runCargo } from "@tests/support/cargo.ts";

/** The component model's own tests, at the commit this release of the crate carries (Apache-2.0). */
const CRATE = "wasm-tools";
const VERSION = "1.263.0";
const SUITE = "tests/component-model/test";

/**
 * Has cargo fetch and verify the crate; nothing is built. No npm package carries the tests.
 *
 * @returns the directory of the tests, or why it cannot be had on this machine
 */
export async function fetchReferenceSuite(): Promise<{ readonly path: string } | { readonly absent: string }> {
  const absent = await runCargo(["info", "--quiet", `${CRATE}@${VERSION}`], { cwd: "/" });
  if (absent !== undefined) return absent;
  const home = Deno.env.get("CARGO_HOME") ?? `${Deno.env.get("HOME") ?? ""}/.cargo`;
  for await (const { name } of Deno.readDir(`${home}/registry/src`)) {
    const path = `${home}/registry/src/${name}/${CRATE}-${VERSION}/${SUITE}`;
    if (await isDirectory(path)) return { path };
  }
  throw new Error(`cargo has fetched ${CRATE} ${VERSION}, but its tests are not below ${home}`);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
