import { WavsError } from "@/domain/errors.ts";
import type { Trigger } from "@/domain/trigger.ts";
import type { MissedPolicy } from "../missed.ts";
import { MAX_MISSED_HEIGHTS } from "./limits.ts";

export type BlockIntervalTrigger = Extract<Trigger, { kind: "block_interval" }>;

/** Heights of a chain, both ends included. */
export interface HeightRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface DueOptions {
  /** The first height the trigger was watched for. Without `startBlock` it is also what the interval counts from. */
  readonly since: bigint;
  readonly range: HeightRange;
  /** Heights up to this one passed while nobody watched. */
  readonly missedUpTo: bigint;
  readonly missed: MissedPolicy;
}

export interface DueHeights {
  /** Ascending. */
  readonly heights: readonly bigint[];
  /** How many of the range were missed and are too many to be made up for. */
  readonly givenUp: bigint;
}

/** @throws WavsError `block_interval_invalid` */
export function checkBlockInterval({ nBlocks, startBlock, endBlock }: BlockIntervalTrigger): void {
  if (startBlock === undefined || endBlock === undefined || startBlock <= endBlock) return;
  throw new WavsError("block_interval_invalid", {
    message:
      `Cannot watch every ${nBlocks} blocks from "${startBlock}" on because they end before, with "${endBlock}"; ` +
      `set "end_block" to the start or later`,
    retryable: false,
  });
}

/**
 * The heights of a range at which a trigger fires: every `nBlocks` from its start, up to its end, and once more at the
 * first such height behind it when the end is none itself (spec/network.md 1.4).
 *
 * Nothing but heights decides, so that a range fires the same however it is cut into pieces.
 */
export function dueHeights(
  trigger: BlockIntervalTrigger,
  { since, range, missedUpTo, missed }: DueOptions,
): DueHeights {
  const step = BigInt(trigger.nBlocks);
  const { first, last } = firstAndLast(trigger, since);
  const from = range.from > first ? aligned(range.from, first, step) : first;
  const to = last !== undefined && last < range.to ? last : range.to;
  const latestMissed = latest(first, last === undefined || last > missedUpTo ? missedUpTo : last, step);
  const wanted = firstWanted(latestMissed, missed, step);
  const start = wanted > from ? wanted : from;
  const heights: bigint[] = [];
  for (let height = start; height <= to; height += step) heights.push(height);
  const skipped = (start > to ? to + step - from : start - from) / step;
  return { heights, givenUp: missed === "fire_all" && skipped > 0n ? skipped : 0n };
}

/** The first and, when there is an end, the last height a trigger ever fires at. */
function firstAndLast({ nBlocks, startBlock, endBlock }: BlockIntervalTrigger, since: bigint) {
  const kickoff = startBlock ?? since;
  const step = BigInt(nBlocks);
  // A chain's block 0 is no block anybody waits for.
  const first = aligned(since > 0n ? since : 1n, kickoff, step);
  return {
    first,
    last: endBlock === undefined ? undefined : aligned(endBlock > first ? endBlock : first, kickoff, step),
  };
}

/** The first height from `height` on that is a whole number of steps from `kickoff`. */
function aligned(height: bigint, kickoff: bigint, step: bigint): bigint {
  if (height <= kickoff) return kickoff;
  return height + (step - (height - kickoff) % step) % step;
}

/** The last height up to `height` that is a whole number of steps from `first`; one step below `first` when there is none. */
function latest(first: bigint, height: bigint, step: bigint): bigint {
  return height < first ? first - step : height - (height - first) % step;
}

function firstWanted(latestMissed: bigint, missed: MissedPolicy, step: bigint): bigint {
  switch (missed) {
    case "fire_all":
      return latestMissed - (MAX_MISSED_HEIGHTS - 1n) * step;
    case "fire_last":
      return latestMissed;
    case "skip":
      return latestMissed + step;
  }
}
