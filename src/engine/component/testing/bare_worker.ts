/** A worker without any permission that runs the component it is sent, once. */
import { systemClock } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { type ComponentArtifact, createComponentRuntime, OPERATOR_WORLD } from "../mod.ts";
import { quietHost } from "./quiet_host.ts";

async function run(artifact: ComponentArtifact, action: unknown): Promise<unknown> {
  const runtime = await createComponentRuntime(artifact.runtime);
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: false } });
  using budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 5000 }, { clock: systemClock });
  const instance = await runtime.instantiate(component, { imports: quietHost(), budget });
  return await instance.call("run", [action]);
}

self.onmessage = ({ data: { artifact, action } }: MessageEvent<{ artifact: ComponentArtifact; action: unknown }>) => {
  run(artifact, action).then(
    (answer) => self.postMessage({ answer }),
    (error: unknown) => self.postMessage({ error: serializeError(error) }),
  );
};
