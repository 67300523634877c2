import { serveWorker } from "@/link/mod.ts";
import { createComponentWorker } from "./component_worker.ts";
import { dropUnusedGlobals } from "./worker_globals.ts";
import type { ComponentWorkerApi, ComponentWorkerBoot, ComponentWorkerMain } from "./worker_types.ts";

// Guest code runs here and nowhere else. What a guest can reach is what its execution gives it; the worker's own
// permissions, none or the directory of one service, are the wall behind.
dropUnusedGlobals();

serveWorker<ComponentWorkerBoot, ComponentWorkerApi, ComponentWorkerMain>((boot, context, main) =>
  createComponentWorker(boot, { context, main })
);
