import { WavsError } from "@/domain/mod.ts";
import { openLink, serveWorker } from "@/link/mod.ts";
import { AGGREGATOR_WORLD, createComponentRuntime, OPERATOR_WORLD } from "./component/mod.ts";
import type { LoadedComponent } from "./component/types.ts";
import type { EgressApi } from "./egress/types.ts";
import { ASYNC_IMPORTS, runJob } from "./execution.ts";
import { Lru } from "./lru.ts";
import {
  componentKeyText,
  type ComponentWorkerApi,
  type ComponentWorkerBoot,
  type ComponentWorkerMain,
} from "./worker_types.ts";

// Guest code runs here and nowhere else. The worker has no permission: what a guest can reach is what `runJob` gives it.
serveWorker<ComponentWorkerBoot, ComponentWorkerApi, ComponentWorkerMain>(async (boot, context, main) => {
  const runtime = await createComponentRuntime(boot.runtime);
  const egress = openLink<EgressApi, object>({ name: "component → egress" }, { port: boot.egress, handlers: {} });
  const linked = new Lru<string, LoadedComponent>(boot.cacheSize);
  return {
    prepare: (bytes) => runtime.prepare(bytes, { asyncImports: ASYNC_IMPORTS, maxMemoryBytes: boot.maxMemoryBytes }),
    link: async ({ key, artifact }) => {
      const world = key.world === "operator" ? OPERATOR_WORLD : AGGREGATOR_WORLD;
      linked.set(componentKeyText(key), await runtime.link(artifact, { world, grants: { http: key.http } }));
    },
    execute: async (job, { signal }) => {
      const component = linked.get(componentKeyText(job.component));
      if (component === undefined) {
        throw new WavsError("component_not_linked", {
          message: `Component "${job.component.digest}" is not linked in this worker`,
          retryable: true,
        });
      }
      return await runJob(job, component, { context, runtime, main: main(), egress: egress.remote, signal });
    },
  };
});
