import type { ComponentDigest } from "@/domain/ids.ts";
import { WavsError } from "@/domain/errors.ts";

export interface BuiltComponent {
  readonly name: string;
  readonly path: string;
  readonly digest: ComponentDigest;
  readonly rebuilt: boolean;
  readonly elapsedMs: number;
}

/** By name; written by the build. */
const DIGESTS: Readonly<Record<string, string>> = JSON.parse("__DIGESTS__");

/** What `components/build.ts` answers in a checkout; a binary brings its samples built. */
export function buildComponents({ names }: { readonly names: readonly string[] }): Promise<BuiltComponent[]> {
  return Promise.resolve(names.map((name) => {
    const digest = DIGESTS[name];
    if (digest === undefined) {
      throw new WavsError("component_unknown", {
        message: `There is no component "${name}" in this binary; there are ${Object.keys(DIGESTS).join(", ")}`,
        retryable: false,
      });
    }
    const path = decodeURIComponent(new URL(`./components/${name}.component`, import.meta.url).pathname);
    return { name, path, digest: digest as ComponentDigest, rebuilt: false, elapsedMs: 0 };
  }));
}
