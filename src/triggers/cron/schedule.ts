import { Cron } from "croner";
import { WavsError } from "@/domain/errors.ts";
import { type TimestampNs, timestampNs } from "@/domain/ids.ts";
import type { Trigger } from "@/domain/trigger.ts";
import { type CronExpression, parseCronExpression } from "./expression.ts";

const NS_PER_SECOND = 1_000_000_000n;

/** A `cron` trigger, ready to be asked when it fires. */
export interface CronSchedule {
  readonly startTime: TimestampNs | undefined;
  readonly endTime: TimestampNs | undefined;
  readonly matcher: Matcher;
}

/** The instants an expression matches, in seconds since the epoch. */
interface Matcher {
  /** The first one strictly after an instant. */
  next(afterSeconds: bigint): bigint | undefined;
  /** The latest ones strictly before an instant, at most `count`, oldest first. */
  latest(count: number, beforeSeconds: bigint): readonly bigint[];
}

/** @throws WavsError `cron_invalid` */
export function parseCronSchedule(
  { schedule, startTime, endTime }: Omit<Extract<Trigger, { kind: "cron" }>, "kind">,
): CronSchedule {
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) {
    throw new WavsError("cron_invalid", {
      message:
        `Cannot use the cron trigger "${schedule}" because it starts at "${startTime}", after its end "${endTime}"`,
      retryable: false,
    });
  }
  return { startTime, endTime, matcher: matcherOf(parseCronExpression(schedule)) };
}

/**
 * The first time a schedule fires strictly after an instant, and strictly after its start (spec/network.md 1.5).
 *
 * @param after nanoseconds since the Unix epoch
 * @returns nanoseconds since the Unix epoch, or `undefined` when the schedule has ended; its end is still part of it
 */
export function nextFire(schedule: CronSchedule, after: TimestampNs): TimestampNs | undefined {
  const { startTime, endTime, matcher } = schedule;
  const from = startTime === undefined || startTime < after ? after : startTime;
  // Schedules match at whole seconds, so a fraction behind one changes nothing.
  const seconds = matcher.next(from / NS_PER_SECOND);
  if (seconds === undefined) return undefined;
  const next = timestampNs(seconds * NS_PER_SECOND);
  return endTime !== undefined && next > endTime ? undefined : next;
}

/** The latest times a schedule fired, strictly after `after` and up to and including `until`, oldest first. */
export function latestFires(
  schedule: CronSchedule,
  { after, until, count }: { readonly after: TimestampNs; readonly until: TimestampNs; readonly count: number },
): readonly TimestampNs[] {
  const { startTime = after, endTime = until, matcher } = schedule;
  const first = startTime > after ? startTime : after;
  const last = endTime < until ? endTime : until;
  return matcher.latest(count, last / NS_PER_SECOND + 1n)
    .map((seconds) => timestampNs(seconds * NS_PER_SECOND))
    .filter((at) => at > first);
}

/**
 * croner finds the instants; it is given numbers only, so that nothing of its own grammar, which is another one, is ever
 * in use. The weeks of both begin on Sunday, here with 1 and there with 0.
 */
function matcherOf(expression: CronExpression): Matcher {
  if (!isPossible(expression)) return { next: () => undefined, latest: () => [] };
  const cron = new Cron(patternOf(expression), { timezone: "UTC", mode: "7-part", domAndDow: true, paused: true });
  // A field with all values is a star to croner, which has no last year.
  const endSeconds = BigInt(Date.UTC((expression.years.at(-1) ?? 0) + 1, 0, 1) / 1000);
  return {
    next: (afterSeconds) => {
      if (afterSeconds >= endSeconds) return undefined;
      const next = cron.nextRun(dateOf(afterSeconds));
      if (next === null) return undefined;
      const seconds = secondsOf(next);
      return seconds < endSeconds ? seconds : undefined;
    },
    latest: (count, beforeSeconds) => {
      const before = beforeSeconds < endSeconds ? beforeSeconds : endSeconds;
      return cron.previousRuns(count, dateOf(before)).map(secondsOf).filter((seconds) => seconds >= 0n).reverse();
    },
  };
}

function dateOf(seconds: bigint): Date {
  return new Date(Number(seconds) * 1000);
}

function secondsOf(date: Date): bigint {
  return BigInt(date.getTime() / 1000);
}

function patternOf(expression: CronExpression): string {
  const { seconds, minutes, hours, daysOfMonth, months, daysOfWeek, years } = expression;
  const fields: readonly [readonly number[], number][] = [
    [seconds, 60],
    [minutes, 60],
    [hours, 24],
    [daysOfMonth, 31],
    [months, 12],
    [daysOfWeek.map((day) => day - 1), 7],
    [years, 131],
  ];
  return fields.map(([values, count]) => values.length === count ? "*" : values.join(",")).join(" ");
}

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether any of its months has any of its days: the 31st of February would be looked for year by year. */
function isPossible({ daysOfMonth, months }: CronExpression): boolean {
  const [firstDay = 0] = daysOfMonth;
  return months.some((month) => firstDay <= (DAYS_IN_MONTH[month - 1] ?? 0));
}
