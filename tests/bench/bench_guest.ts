import { systemClock } from "@/context/mod.ts";
import {
  type ComponentArtifact,
  type ComponentInstance,
  createComponentRuntime,
  type LoadedComponent,
  OPERATOR_WORLD,
} from "@/engine/component/mod.ts";
import { quietHost } from "@/engine/component/testing/quiet_host.ts";
import { ASYNC_IMPORTS } from "@/engine/execution.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";

/** A component, and what it is triggered with. */
export interface BenchGuest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly data: string;
}

const runtime = await createComponentRuntime("direct");
const quiet = quietHost();
const imports = { ...quiet, host: { ...quiet["host"], getEventId: () => new Uint8Array(20).fill(1) } };

export function prepare(bytes: Uint8Array): Promise<ComponentArtifact> {
  return runtime.prepare(bytes, { asyncImports: ASYNC_IMPORTS });
}

export function link(artifact: ComponentArtifact): Promise<LoadedComponent> {
  return runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: true } });
}

export function newBudget(): Budget {
  return new Budget({ fuel: 10n ** 11n, timeoutMs: 30_000 }, { clock: systemClock });
}

/** @param owner the service it runs for; without one it gets an instance of its own */
export function instantiate(component: LoadedComponent, budget: Budget, owner?: string): Promise<ComponentInstance> {
  return runtime.instantiate(component, { imports, budget, ...owner === undefined ? {} : { owner } });
}

export async function call(instance: ComponentInstance, { name, data }: BenchGuest): Promise<void> {
  const answer = await instance.call("run", [rawAction(new TextEncoder().encode(data))]) as {
    tag: string;
    val: unknown;
  };
  if (answer.tag !== "ok") throw new Error(`"${name}" answered an error: ${answer.val}`);
}
