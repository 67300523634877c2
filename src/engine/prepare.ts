import type { Handlers } from "@/link/mod.ts";
import { createComponentRuntime } from "./component/mod.ts";
import { ASYNC_IMPORTS } from "./execution.ts";
import type { PreparerApi, PreparerBoot } from "./worker_types.ts";

/** What prepares components, in the caller's own thread; production runs it in a worker of its own (`preparer.ts`). */
export async function createPreparer({ runtime, maxMemoryBytes }: PreparerBoot): Promise<Handlers<PreparerApi>> {
  const { prepare } = await createComponentRuntime(runtime);
  return { prepare: (bytes) => prepare(bytes, { asyncImports: ASYNC_IMPORTS, maxMemoryBytes }) };
}
