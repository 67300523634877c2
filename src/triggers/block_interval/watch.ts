import type { ChainKey, ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { MissedPolicy } from "../missed.ts";
import type { DetectedEvent, TriggerIdentity } from "../types.ts";
import { type BlockIntervalTrigger, dueHeights, type HeightRange } from "./heights.ts";

/** One workflow that waits for heights. */
export interface IntervalWorkflow {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: BlockIntervalTrigger;
}

/** The first height each interval was watched for, by {@link intervalKey}; stored with a chain's position. */
export type IntervalAnchors = ReadonlyMap<string, bigint>;

/** What makes a watched interval itself: another length, start or end is another trigger, which begins anew. */
export function intervalKey({ serviceId, workflowId, trigger }: IntervalWorkflow): string {
  const { nBlocks, startBlock = "", endBlock = "" } = trigger;
  return `${serviceId}/${workflowId}/${nBlocks}/${startBlock}/${endBlock}`;
}

/** The anchors of what is watched now: those that are known stay, a new interval begins at the height `begins` says. */
export function anchorsOf(
  workflows: readonly IntervalWorkflow[],
  known: IntervalAnchors,
  begins: (workflow: IntervalWorkflow) => bigint,
): IntervalAnchors {
  return new Map(workflows.map((workflow) => {
    const key = intervalKey(workflow);
    return [key, known.get(key) ?? begins(workflow)];
  }));
}

export interface IntervalOptions {
  readonly chain: ChainKey;
  readonly anchors: IntervalAnchors;
  readonly missed: MissedPolicy;
  /** Heights up to this one passed while nobody watched. */
  readonly missedUpTo: bigint;
  readonly detectedAtMs: number;
  /** Told of missed heights that are too many to be made up for. */
  readonly onGivenUp: (workflow: IntervalWorkflow, count: bigint) => void;
}

/**
 * What the heights of a range fire. An event carries its height and no block hash: a reorg changes neither its data nor
 * its identity, so a height that is replaced fires once.
 */
export function intervalEvents(
  workflows: readonly IntervalWorkflow[],
  range: HeightRange,
  { chain, anchors, missed, missedUpTo, detectedAtMs, onGivenUp }: IntervalOptions,
): readonly DetectedEvent[] {
  return workflows.flatMap((workflow) => {
    const since = anchors.get(intervalKey(workflow));
    if (since === undefined) return [];
    const { heights, givenUp } = dueHeights(workflow.trigger, { since, range, missedUpTo, missed });
    if (givenUp > 0n) onGivenUp(workflow, givenUp);
    return heights.map((blockHeight): DetectedEvent => ({
      ...workflow,
      data: { kind: "BlockInterval", chain, blockHeight },
      identity: `${chain}/height/${blockHeight}` as TriggerIdentity,
      block: undefined,
      detectedAtMs,
    }));
  });
}
