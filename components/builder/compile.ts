import { bundleComponent, type BundleOptions } from "./bundle.ts";
import { componentize } from "./componentize.ts";
import { fromStandIn, toStandIn, writeWorld } from "./stand_in.ts";

/**
 * Makes a component of one TypeScript source.
 *
 * @param entry path of the module that exports the handlers
 * @param witDir the packages of `wit/`
 * @throws WavsError `component_build_failed`, `component_build_unsupported`
 */
export async function compileComponent(
  entry: string,
  witDir: string,
  options: BundleOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const bundle = await bundleComponent(entry, options);
  const witPath = await Deno.makeTempDir({ prefix: "wavs-wit-" });
  try {
    await writeWorld(bundle, witDir, witPath);
    const jsSource = toStandIn(bundle.source);
    return fromStandIn(await componentize({ witPath, world: "guest", jsSource, sync: true, optSize: true }));
  } finally {
    await Deno.remove(witPath, { recursive: true });
  }
}
