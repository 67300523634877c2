import { compareUtf8 } from "@/domain/utf8.ts";
import type { Bytes32, ChainKey, EvmAddress, ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { RegistrySnapshot, WatchedService } from "@/domain/registry.ts";
import type { Trigger } from "@/domain/trigger.ts";
import type { IntervalWorkflow } from "../block_interval/watch.ts";
import { SERVICE_URI_UPDATED } from "./service_uri.ts";

/** What `eth_getLogs` and `logs` subscriptions are asked for: any of the addresses with any of the topics 0. */
export interface LogFilter {
  readonly addresses: readonly EvmAddress[];
  readonly topics: readonly Bytes32[];
}

export type EvmEventTrigger = Extract<Trigger, { kind: "evm_contract_event" }>;

/** One workflow that waits for a contract's event. */
export interface WatchedWorkflow {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: EvmEventTrigger;
}

/** Everything one chain is watched for. */
export interface Watchlist {
  readonly filter: LogFilter;
  /** By {@link eventKey}. */
  readonly workflows: ReadonlyMap<string, readonly WatchedWorkflow[]>;
  readonly intervals: readonly IntervalWorkflow[];
  readonly managers: ReadonlyMap<EvmAddress, ServiceId>;
  /** Where the present definitions took over on this chain, by service. */
  readonly since: ReadonlyMap<ServiceId, bigint>;
}

export const EMPTY_WATCHLIST: Watchlist = {
  filter: { addresses: [], topics: [] },
  workflows: new Map(),
  intervals: [],
  managers: new Map(),
  since: new Map(),
};

/**
 * What `chain` is watched for. Paused services are: whether an event is executed is decided when it is recorded
 * (spec/network.md 1.1).
 */
export function watchlistOf(registry: RegistrySnapshot, chain: ChainKey): Watchlist {
  const workflows = registry.services.flatMap((service) => workflowsOn(service, chain));
  const intervals = registry.services.flatMap((service) => intervalsOn(service, chain));
  const managers = new Map(
    registry.services.flatMap(({ manager, serviceId }) =>
      manager.kind === "evm" && manager.chain === chain ? [[manager.address, serviceId] as const] : []
    ),
  );
  const since = new Map(
    registry.services.flatMap(({ serviceId, since }) =>
      since?.chain === chain ? [[serviceId, since.blockNumber] as const] : []
    ),
  );
  return { filter: filterOf(workflows, managers), workflows: byEvent(workflows), intervals, managers, since };
}

/** Whether anything of `chain` is watched at all. */
export function isWatching({ filter }: Watchlist): boolean {
  return filter.addresses.length > 0;
}

/** Who waits for a log; nobody for one without topics. */
export function workflowsFor(
  watchlist: Watchlist,
  log: { readonly address: EvmAddress; readonly topics: readonly Bytes32[] },
): readonly WatchedWorkflow[] {
  const [topic] = log.topics;
  return topic === undefined ? [] : watchlist.workflows.get(eventKey(log.address, topic)) ?? [];
}

/** What a changed definition missed between the block it took over in and its arrival here. */
export interface CatchUp {
  readonly serviceId: ServiceId;
  readonly fromBlock: bigint;
  /** Only the triggers that are new. */
  readonly watchlist: Watchlist;
}

/**
 * What is to be caught up when `next` takes the place of `previous`.
 *
 * @param previous what was watched until now; `undefined` after a start, when all triggers count as new
 * @param caughtUp what was caught up already, by service with the block its definition took over in
 */
export function catchUpsOf(
  previous: Watchlist | undefined,
  next: Watchlist,
  caughtUp: ReadonlyMap<ServiceId, bigint>,
): readonly CatchUp[] {
  return [...next.since].filter(([id, block]) => caughtUp.get(id) !== block).map(([serviceId, fromBlock]) => {
    const added = [...next.workflows.values()].flat().filter((workflow) =>
      workflow.serviceId === serviceId && !(previous !== undefined && isWatched(previous, workflow))
    );
    return {
      serviceId,
      fromBlock,
      watchlist: { ...EMPTY_WATCHLIST, filter: filterOf(added, new Map()), workflows: byEvent(added) },
    };
  });
}

function isWatched(watchlist: Watchlist, { serviceId, workflowId, trigger }: WatchedWorkflow): boolean {
  const watched = watchlist.workflows.get(eventKey(trigger.address, trigger.eventHash)) ?? [];
  return watched.some((other) => other.serviceId === serviceId && other.workflowId === workflowId);
}

function workflowsOn({ serviceId, workflows }: WatchedService, chain: ChainKey): WatchedWorkflow[] {
  return workflows.flatMap(({ workflowId, trigger }) =>
    trigger.kind === "evm_contract_event" && trigger.chain === chain ? [{ serviceId, workflowId, trigger }] : []
  );
}

function intervalsOn({ serviceId, workflows }: WatchedService, chain: ChainKey): IntervalWorkflow[] {
  return workflows.flatMap(({ workflowId, trigger }) =>
    trigger.kind === "block_interval" && trigger.chain === chain ? [{ serviceId, workflowId, trigger }] : []
  );
}

/** Sorted, each once: the same watchlist always makes the same request. */
function filterOf(
  workflows: readonly WatchedWorkflow[],
  managers: ReadonlyMap<EvmAddress, ServiceId>,
): LogFilter {
  return {
    addresses: sortedOnce([...workflows.map(({ trigger }) => trigger.address), ...managers.keys()]),
    topics: sortedOnce([
      ...workflows.map(({ trigger }) => trigger.eventHash),
      ...(managers.size > 0 ? [SERVICE_URI_UPDATED] : []),
    ]),
  };
}

function byEvent(workflows: readonly WatchedWorkflow[]): ReadonlyMap<string, readonly WatchedWorkflow[]> {
  return Map.groupBy(workflows, ({ trigger }) => eventKey(trigger.address, trigger.eventHash));
}

function eventKey(address: EvmAddress, topic: Bytes32): string {
  return `${address}/${topic}`;
}

function sortedOnce<T extends string>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].sort(compareUtf8);
}
