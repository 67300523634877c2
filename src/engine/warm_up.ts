import type { Logger } from "@/context/mod.ts";
import { type Component, serializeError, type Service } from "@/domain/mod.ts";
import type { ComponentArtifact } from "./component/types.ts";
import { type ComponentKey, componentKeyOf, componentKeyText } from "./worker_types.ts";

export interface WarmUpModules {
  readonly log: Logger;
  readonly artifact: (source: Component["source"]) => Promise<ComponentArtifact>;
  /** Binds a component to every worker that serves all services. */
  readonly link: (key: ComponentKey, artifact: ComponentArtifact) => Promise<void>;
}

export interface WarmUpOptions {
  /** Components at most: as many as a worker keeps ready. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Makes the components of services ready to run before they are wanted, one after the other, so that an execution never
 * waits for more than one of them. What cannot be made ready is told in the log: executing it finds out why again.
 */
export async function warmUp(
  services: Iterable<Service>,
  { limit, signal }: WarmUpOptions,
  { log, artifact, link }: WarmUpModules,
): Promise<void> {
  const ready = new Set<string>();
  for (const { component, key } of componentsOf(services)) {
    if (signal.aborted || ready.size >= limit) return;
    const text = componentKeyText(key);
    if (ready.has(text)) continue;
    ready.add(text);
    try {
      const prepared = await artifact(component.source);
      // A service with files has a worker of its own, which is started when it is wanted.
      if (!component.permissions.fileSystem) await link(key, prepared);
    } catch (error) {
      if (signal.aborted) return;
      log.warn("A component cannot be made ready ahead", { digest: key.digest, cause: serializeError(error) });
    }
  }
}

/** Those of operators first: events begin with them. Services that are paused run nothing. */
function* componentsOf(services: Iterable<Service>): Iterable<{ component: Component; key: ComponentKey }> {
  const workflows = [...services].filter(({ status }) => status === "active")
    .flatMap((service) => [...service.workflows.values()]);
  for (const { component } of workflows) yield { component, key: componentKeyOf(component, "operator") };
  for (const { submit } of workflows) {
    if (submit.kind !== "aggregator") continue;
    yield { component: submit.component, key: componentKeyOf(submit.component, "aggregator") };
  }
}
