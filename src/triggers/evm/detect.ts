import type { EvmLog } from "@/chains/mod.ts";
import type { ChainKey } from "@/domain/ids.ts";
import type { DetectedEvent, ServiceUriChange, TriggerIdentity } from "../types.ts";
import { decodeServiceUri, SERVICE_URI_UPDATED } from "./service_uri.ts";
import { type Watchlist, workflowsFor } from "./watchlist.ts";

/** What logs mean to the services that wait for them. */
export interface Detected {
  readonly events: readonly DetectedEvent[];
  readonly uriChanges: readonly ServiceUriChange[];
}

export const NOTHING_DETECTED: Detected = { events: [], uriChanges: [] };

export interface DetectOptions {
  readonly chain: ChainKey;
  readonly watchlist: Watchlist;
  readonly detectedAtMs: number;
  /** Told of announced service URIs that cannot be read. */
  readonly onUndecodable: (log: EvmLog, error: unknown) => void;
}

/**
 * Turns logs, in the order of their chain, into events and URI changes; what nobody waits for is dropped.
 *
 * A log counts once, however often a provider repeats it.
 */
export function detect(logs: readonly EvmLog[], options: DetectOptions): Detected {
  const events: DetectedEvent[] = [];
  const uriChanges: ServiceUriChange[] = [];
  for (const log of inOrderOnce(logs)) {
    const change = uriChangeOf(log, options);
    if (change !== undefined) uriChanges.push(change);
    events.push(...eventsOf(log, options));
  }
  return { events, uriChanges };
}

/** Adds events that fired for their height, each behind what its block's logs fired (spec/network.md 1.3). */
export function withHeights(detected: Detected, heights: readonly DetectedEvent[]): Detected {
  if (heights.length === 0) return detected;
  const events = [...detected.events, ...heights];
  return { ...detected, events: events.sort((left, right) => compareBigints(heightOf(left), heightOf(right))) };
}

function heightOf({ data }: DetectedEvent): bigint {
  if (data.kind === "EvmContractEvent") return data.blockNumber;
  return data.kind === "BlockInterval" ? data.blockHeight : 0n;
}

function eventsOf(log: EvmLog, { chain, watchlist, detectedAtMs }: DetectOptions): readonly DetectedEvent[] {
  const { blockNumber, blockHash } = log;
  const identity = identityOf(chain, log);
  return workflowsFor(watchlist, log).map(({ serviceId, workflowId, trigger }) => ({
    serviceId,
    workflowId,
    trigger,
    data: {
      kind: "EvmContractEvent",
      chain,
      contractAddress: log.address,
      logData: { topics: log.topics, data: log.data },
      txHash: log.transactionHash,
      blockNumber,
      logIndex: log.logIndex,
      blockHash,
      blockTimestamp: log.blockTimestamp,
      txIndex: log.transactionIndex,
    },
    identity,
    block: { chain, number: blockNumber, hash: blockHash },
    detectedAtMs,
  }));
}

function uriChangeOf(log: EvmLog, options: DetectOptions): ServiceUriChange | undefined {
  const serviceId = options.watchlist.managers.get(log.address);
  if (serviceId === undefined || log.topics[0] !== SERVICE_URI_UPDATED) return undefined;
  try {
    return {
      serviceId,
      chain: options.chain,
      managerAddress: log.address,
      uri: decodeServiceUri(log),
      blockNumber: log.blockNumber,
      identity: identityOf(options.chain, log),
    };
  } catch (error) {
    options.onUndecodable(log, error);
    return undefined;
  }
}

export function identityOf(chain: ChainKey, { blockHash, logIndex }: EvmLog): TriggerIdentity {
  return `${chain}/${blockHash}/${logIndex}` as TriggerIdentity;
}

function inOrderOnce(logs: readonly EvmLog[]): readonly EvmLog[] {
  const once = new Map(logs.map((log) => [`${log.blockHash}/${log.logIndex}`, log]));
  return [...once.values()].sort((left, right) =>
    compareBigints(left.blockNumber, right.blockNumber) || compareBigints(left.logIndex, right.logIndex)
  );
}

function compareBigints(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
