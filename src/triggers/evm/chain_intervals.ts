import type { Context } from "@/context/mod.ts";
import type { ChainKey } from "@/domain/ids.ts";
import type { HeightRange } from "../block_interval/heights.ts";
import {
  anchorsOf,
  type IntervalAnchors,
  intervalEvents,
  intervalKey,
  type IntervalWorkflow,
} from "../block_interval/watch.ts";
import type { MissedPolicy } from "../missed.ts";
import type { DetectedEvent } from "../types.ts";
import type { ChainPosition } from "./position.ts";
import type { Watchlist } from "./watchlist.ts";

export interface ChainIntervalsOptions {
  readonly chain: ChainKey;
  readonly missed: MissedPolicy;
}

export interface NewIntervals {
  readonly anchors: IntervalAnchors;
  /** Heights below the position that are theirs already, from a definition that took over there. */
  readonly events: readonly DetectedEvent[];
}

/** The block intervals of one chain: what begins where, and what the heights that are delivered fire. */
export class ChainIntervals {
  /** Heights up to this one passed before the present connection. */
  missedUpTo = 0n;
  readonly #options: ChainIntervalsOptions;
  readonly #context: Context;

  constructor(options: ChainIntervalsOptions, context: Context) {
    this.#options = options;
    this.#context = context;
  }

  /** Has new intervals begin at the position, or where their definition took over; `undefined` when nothing changes. */
  takeOver({ intervals, since }: Watchlist, position: ChainPosition): NewIntervals | undefined {
    const added = intervals.filter((workflow) => !position.intervals.has(intervalKey(workflow)));
    const anchors = anchorsOf(intervals, position.intervals, ({ serviceId }) => since.get(serviceId) ?? position.next);
    if (added.length === 0 && anchors.size === position.intervals.size) return undefined;
    for (const workflow of added) this.#warnOfOwnPhase(workflow, anchors);
    return { anchors, events: this.due(added, { from: 0n, to: position.next - 1n }, anchors) };
  }

  due(
    workflows: readonly IntervalWorkflow[],
    range: HeightRange,
    anchors: IntervalAnchors,
  ): readonly DetectedEvent[] {
    return intervalEvents(workflows, range, {
      ...this.#options,
      anchors,
      missedUpTo: this.missedUpTo,
      detectedAtMs: this.#context.clock.now(),
      onGivenUp: (workflow, count) =>
        this.#warn("Too many missed heights, the oldest are given up", workflow, { count }),
    });
  }

  #warnOfOwnPhase(workflow: IntervalWorkflow, anchors: IntervalAnchors): void {
    if (workflow.trigger.startBlock !== undefined) return;
    this.#warn(
      "Block interval without start_block counts from here, other operators may count from elsewhere",
      workflow,
      {
        from: anchors.get(intervalKey(workflow)),
      },
    );
  }

  #warn(
    message: string,
    { serviceId, workflowId }: IntervalWorkflow,
    fields: Record<string, bigint | undefined>,
  ): void {
    const { chain } = this.#options;
    this.#context.log.warn(message, { chain, service: serviceId, workflow: workflowId, ...fields });
  }
}
