import type { EvmLog } from "@/chains/mod.ts";
import type { ChainKey, ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { WatchedService } from "@/domain/registry.ts";
import type { TriggerIdentity } from "../types.ts";
import { identityOf } from "./detect.ts";
import type { EvmEventTrigger } from "./watchlist.ts";

/** Whether a log fires a workflow, and if not, why. */
export interface Verdict {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly identity: TriggerIdentity;
  /** What does not fit, in words that follow "because"; `undefined` when it fires. */
  readonly against: string | undefined;
}

/** What a log is to every workflow that waits for events of contracts. */
export function verdictsOn(log: EvmLog, chain: ChainKey, services: readonly WatchedService[]): readonly Verdict[] {
  const identity = identityOf(chain, log);
  return services.flatMap(({ serviceId, workflows }) =>
    workflows.flatMap(({ workflowId, trigger }) =>
      trigger.kind === "evm_contract_event"
        ? [{ serviceId, workflowId, identity, against: objection(trigger, log, chain) }]
        : []
    )
  );
}

function objection(trigger: EvmEventTrigger, { address, topics }: EvmLog, chain: ChainKey): string | undefined {
  if (trigger.chain !== chain) return `it waits on chain "${trigger.chain}"`;
  if (trigger.address !== address) return `it waits for contract "${trigger.address}"`;
  const [topic] = topics;
  if (topic === undefined) return "the log has no topic";
  return trigger.eventHash === topic ? undefined : `it waits for topic "${trigger.eventHash}"`;
}
