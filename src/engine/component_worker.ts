import type { Context } from "@/context/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import { type Handlers, openLink, type Remote } from "@/link/mod.ts";
import { AGGREGATOR_WORLD, createComponentRuntime, OPERATOR_WORLD } from "./component/mod.ts";
import type { LoadedComponent } from "./component/types.ts";
import type { EgressApi } from "./egress/types.ts";
import { runJob } from "./execution.ts";
import { Lru } from "./lru.ts";
import { ServiceDirectory } from "./wasi/service_directory.ts";
import {
  componentKeyText,
  type ComponentWorkerApi,
  type ComponentWorkerBoot,
  type ComponentWorkerMain,
} from "./worker_types.ts";

export interface ComponentWorkerModules {
  readonly context: Context;
  readonly main: () => Remote<ComponentWorkerMain>;
}

/** A component worker in the caller's own thread; production runs it in a worker of its own (`carriers.ts`). */
export async function createComponentWorker(
  boot: ComponentWorkerBoot,
  { context, main }: ComponentWorkerModules,
): Promise<Handlers<ComponentWorkerApi>> {
  const runtime = await createComponentRuntime(boot.runtime);
  const egress = openLink<EgressApi, object>({ name: "component → egress" }, { port: boot.egress, handlers: {} });
  const directory = boot.directory === undefined ? undefined : new ServiceDirectory(boot.directory);
  let exchanges = 0;
  const nextExchange = () => ++exchanges;
  const linked = new Lru<string, LoadedComponent>(boot.cacheSize);
  return {
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
      return await runJob(job, component, {
        context,
        runtime,
        main: main(),
        egress: egress.remote,
        nextExchange,
        directory,
        signal,
      });
    },
  };
}
