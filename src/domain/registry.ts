import type { Branded } from "./brand.ts";
import type { ChainConfig } from "./chain_config.ts";
import type { ChainKey, ServiceId, WorkflowId } from "./ids.ts";
import type { ServiceManager, ServiceStatus } from "./service.ts";
import type { Trigger } from "./trigger.ts";

/** The name of the BroadcastChannel on which one node's main isolate fans out {@link RegistrySnapshot}s. */
export type RegistryChannel = Branded<string, "RegistryChannel">;

/** A name that no other node in this process has: every isolate of a process hears every channel. */
export function newRegistryChannel(): RegistryChannel {
  return `wavs/${crypto.randomUUID()}` as RegistryChannel;
}

/** What the workers need to know of a registered service. */
export interface WatchedService {
  readonly serviceId: ServiceId;
  readonly manager: ServiceManager;
  readonly status: ServiceStatus;
  readonly workflows: readonly { readonly workflowId: WorkflowId; readonly trigger: Trigger }[];
  /**
   * Where the current definition took over, when an on-chain URI change brought it: triggers that are new with it are
   * caught up from that block on, so that nothing between the change and its arrival here is missed.
   */
  readonly since: { readonly chain: ChainKey; readonly blockNumber: bigint } | undefined;
}

/**
 * Everything the workers watch, whole and with a rising revision: whoever misses one message is right again with the
 * next, and asks main for the current one when it starts.
 */
export interface RegistrySnapshot {
  readonly revision: number;
  readonly services: readonly WatchedService[];
  readonly chains: readonly ChainConfig[];
}
