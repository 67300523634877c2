import {
  type Component,
  type ComponentDigest,
  DEFAULT_WORKFLOW_ID,
  parseChainKey,
  type Service,
  type ServiceId,
  serviceIdOf,
  type ServiceManager,
  type Trigger,
  ZERO_EVM_ADDRESS,
} from "@/domain/mod.ts";
import type { World } from "@/engine/mod.ts";
import type { ExecOptions } from "./options.ts";

/** The manager the reference executes components under, so that event ids agree (spec/wire.md 7.2). */
const EXEC_MANAGER: ServiceManager = { kind: "evm", chain: parseChainKey("evm:exec"), address: ZERO_EVM_ADDRESS };

export const EXEC_SERVICE_ID: ServiceId = serviceIdOf(EXEC_MANAGER);

/** The component with what the options grant and configure. */
export function componentOf(digest: ComponentDigest, options: ExecOptions): Component {
  return {
    source: { kind: "digest", digest },
    permissions: options.permissions,
    fuelLimit: options.fuelLimit,
    timeLimitSeconds: options.timeLimitSeconds,
    config: options.config,
    envKeys: options.envKeys,
  };
}

/** A service of one workflow that runs this component in its world; the guest sees it through `get-service`. */
export function execService(component: Component, world: World, trigger: Trigger): Service {
  const signatureKind = { algorithm: "secp256k1", prefix: "eip191" } as const;
  const submit = world === "operator"
    ? { kind: "none" as const }
    : { kind: "aggregator" as const, component, signatureKind };
  return {
    name: "Exec Service",
    workflows: new Map([[DEFAULT_WORKFLOW_ID, { trigger, component, submit }]]),
    status: "active",
    manager: EXEC_MANAGER,
  };
}
