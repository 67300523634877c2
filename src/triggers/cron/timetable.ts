import type { ServiceId, TimestampNs, WorkflowId } from "@/domain/ids.ts";
import type { Trigger } from "@/domain/trigger.ts";
import { MAX_MISSED_FIRES } from "./limits.ts";
import { type CronSchedule, latestFires, nextFire, parseCronSchedule } from "./schedule.ts";

export type CronTrigger = Extract<Trigger, { kind: "cron" }>;

/** One workflow that waits for a clock. */
export interface CronWorkflow {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: CronTrigger;
}

/** An occurrence whose time has come. */
export interface CronFire {
  readonly workflow: CronWorkflow;
  readonly at: TimestampNs;
}

export interface DueFires {
  /** Oldest first; of one workflow at most {@link MAX_MISSED_FIRES}, the latest ones. */
  readonly fires: readonly CronFire[];
  /** Workflows that had more. */
  readonly givenUp: readonly CronWorkflow[];
}

interface Entry {
  readonly workflow: CronWorkflow;
  readonly schedule: CronSchedule;
  next: TimestampNs | undefined;
}

/** When which workflow fires next: pure arithmetic, without a clock of its own. */
export class Timetable {
  readonly #entries = new Map<string, Entry>();

  /**
   * Takes over what is watched now. What was watched before goes on where it was; what is new begins after `from`.
   *
   * @param from tells after which instant a workflow begins, by its {@link workflowKey}
   * @returns the workflows whose trigger is no use, with the reason
   */
  watch(
    workflows: readonly CronWorkflow[],
    from: (key: string) => TimestampNs,
  ): readonly { readonly workflow: CronWorkflow; readonly error: unknown }[] {
    const wanted = new Map(workflows.map((workflow) => [workflowKey(workflow), workflow]));
    for (const key of [...this.#entries.keys()]) if (!wanted.has(key)) this.#entries.delete(key);
    const refused: { readonly workflow: CronWorkflow; readonly error: unknown }[] = [];
    for (const [key, workflow] of wanted) {
      if (this.#entries.has(key)) continue;
      try {
        const schedule = parseCronSchedule(workflow.trigger);
        this.#entries.set(key, { workflow, schedule, next: nextFire(schedule, from(key)) });
      } catch (error) {
        refused.push({ workflow, error });
      }
    }
    return refused;
  }

  keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** The earliest occurrence of all. */
  next(): TimestampNs | undefined {
    let earliest: TimestampNs | undefined;
    for (const { next } of this.#entries.values()) {
      if (next !== undefined && (earliest === undefined || next < earliest)) earliest = next;
    }
    return earliest;
  }

  /** Takes what is due up to and including `now`; each occurrence once. */
  takeDue(now: TimestampNs): DueFires {
    const fires: CronFire[] = [];
    const givenUp: CronWorkflow[] = [];
    for (const entry of this.#entries.values()) {
      const first = entry.next;
      if (first === undefined || first > now) continue;
      let times = this.#takeOldest(entry, now);
      if (times.length > MAX_MISSED_FIRES) {
        // From the other end: a second's trigger after a year's outage would be reckoned for minutes.
        times = latestFires(entry.schedule, { after: first, until: now, count: MAX_MISSED_FIRES });
        entry.next = nextFire(entry.schedule, now);
        givenUp.push(entry.workflow);
      }
      fires.push(...times.map((at) => ({ workflow: entry.workflow, at })));
    }
    return { fires: fires.sort((left, right) => Number(left.at - right.at)), givenUp };
  }

  /** Moves an entry on past `now`, or past one occurrence more than there may be. */
  #takeOldest(entry: Entry, now: TimestampNs): readonly TimestampNs[] {
    const times: TimestampNs[] = [];
    while (entry.next !== undefined && entry.next <= now && times.length <= MAX_MISSED_FIRES) {
      times.push(entry.next);
      entry.next = nextFire(entry.schedule, entry.next);
    }
    return times;
  }
}

/** What makes a watched trigger itself: another schedule is another trigger, which begins anew. */
export function workflowKey({ serviceId, workflowId, trigger }: CronWorkflow): string {
  const { schedule, startTime = "", endTime = "" } = trigger;
  return `${serviceId}/${workflowId}/${startTime}/${endTime}/${schedule}`;
}
