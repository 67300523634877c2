/** A component worker as nodes run it, taken over: it also evaluates what it is told to. */
import { createComponentWorker } from "@/engine/component_worker.ts";
import { dropUnusedGlobals } from "@/engine/worker_globals.ts";
import type { ComponentWorkerApi, ComponentWorkerBoot, ComponentWorkerMain } from "@/engine/worker_types.ts";
import { serveWorker } from "@/link/mod.ts";

export interface TakenOverApi extends ComponentWorkerApi {
  /** Runs statements with `port`, the worker's end of its link, and `main`, what main serves; answers what they return. */
  evaluate(source: string): unknown;
}

let port: MessagePort | undefined;
self.addEventListener("message", (event) => port ??= (event as MessageEvent<{ port: MessagePort }>).data.port);

dropUnusedGlobals();

serveWorker<ComponentWorkerBoot, TakenOverApi, ComponentWorkerMain>(async (boot, context, main) => ({
  ...await createComponentWorker(boot, { context, main }),
  evaluate: async (source) => {
    // Modules of this kind may always be imported, whatever the permissions.
    const module = `export default async (port, main) => { ${source} }`;
    const { default: run } = await import(`data:application/javascript,${encodeURIComponent(module)}`);
    return await run(port, main());
  },
}));
