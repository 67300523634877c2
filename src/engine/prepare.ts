import type { Handlers } from "@/link/mod.ts";
import { createComponentRuntime } from "./component/mod.ts";
import { ASYNC_IMPORTS } from "./execution.ts";
import { decodeMetered, encodeMetered } from "./metered_file.ts";
import type { PreparerApi, PreparerBoot } from "./worker_types.ts";

/** What prepares components, in the caller's own thread; production runs it in a worker of its own (`preparer.ts`). */
export async function createPreparer({ runtime, maxMemoryBytes }: PreparerBoot): Promise<Handlers<PreparerApi>> {
  const { prepare } = await createComponentRuntime(runtime);
  return {
    prepare: async ({ bytes, metered: kept }) => {
      let made: Uint8Array | undefined;
      const known = kept === undefined ? undefined : decodeMetered(kept);
      const artifact = await prepare(bytes, {
        asyncImports: ASYNC_IMPORTS,
        maxMemoryBytes,
        ...(known === undefined ? {} : { metered: known }),
        onMetered: (modules) => made = encodeMetered(modules),
      });
      return { artifact, metered: made };
    },
  };
}
