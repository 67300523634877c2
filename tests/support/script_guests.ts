/** Components made of one plain script, for what samples have no use for. */
import { fileURLToPath } from "node:url";
import { bundleComponent } from "@components/builder/bundle.ts";
import { componentize } from "@components/builder/componentize.ts";
import { fromStandIn, toStandIn, writeWorld } from "@components/builder/stand_in.ts";

const WIT = fileURLToPath(new URL("../../wit", import.meta.url));

/** Builds `tests/fixtures/guests/<name>.js`; it imports the host's interfaces by name and exports what its world wants. */
export async function scriptGuest(name: string): Promise<Uint8Array> {
  const bundle = await bundleComponent(fileURLToPath(new URL(`../fixtures/guests/${name}.js`, import.meta.url)));
  const witPath = await Deno.makeTempDir();
  try {
    await writeWorld(bundle, WIT, witPath);
    const built = await componentize({
      witPath,
      world: "guest",
      jsSource: toStandIn(bundle.source),
      sync: true,
      optSize: true,
    });
    return fromStandIn(built);
  } finally {
    await Deno.remove(witPath, { recursive: true });
  }
}
