import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { COMPONENTIZE_VERSION } from "./componentize.ts";
import { listTree } from "./tree.ts";

/**
 * SHA-256 over everything a component is made of: its folder, the authoring package, the interfaces, the builder, the
 * import map and the versions of both tools.
 *
 * @param root the project's directory
 */
export async function fingerprint(root: string, name: string): Promise<string> {
  const hash = sha256.create();
  const record = (label: string, contents: Uint8Array | string) =>
    hash.update(new TextEncoder().encode(`${label}\n`)).update(
      sha256(typeof contents === "string" ? new TextEncoder().encode(contents) : contents),
    );
  record("componentize", COMPONENTIZE_VERSION);
  record("deno", Deno.version.deno);
  record("imports", JSON.stringify(JSON.parse(await Deno.readTextFile(`${root}/deno.json`)).imports));
  record("build.ts", await Deno.readFile(`${root}/components/build.ts`));
  for (const folder of ["wit", "components/wavs", "components/builder", `components/${name}`]) {
    for (const path of await listTree(`${root}/${folder}`)) {
      if (!path.endsWith("_test.ts")) record(`${folder}/${path}`, await Deno.readFile(`${root}/${folder}/${path}`));
    }
  }
  return bytesToHex(hash.digest());
}
