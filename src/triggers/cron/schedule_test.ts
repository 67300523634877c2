import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError } from "@/domain/errors.ts";
import { type TimestampNs, timestampNs } from "@/domain/ids.ts";
import { type CronExpression, parseCronExpression } from "./expression.ts";
import { type CronSchedule, latestFires, nextFire, parseCronSchedule } from "./schedule.ts";

const NS = 1_000_000_000n;

function schedule(text: string, bounds: { startTime?: TimestampNs; endTime?: TimestampNs } = {}): CronSchedule {
  return parseCronSchedule({ schedule: text, startTime: bounds.startTime, endTime: bounds.endTime });
}

function at(iso: string): TimestampNs {
  return timestampNs(BigInt(Date.parse(iso)) * 1_000_000n);
}

function after(text: string, iso: string): string | undefined {
  const next = nextFire(schedule(text), at(iso));
  return next === undefined ? undefined : new Date(Number(next / 1_000_000n)).toISOString().slice(0, 19);
}

Deno.test("the next time is strictly after the given instant, to the nanosecond", () => {
  assert.equal(after("*/10 * * * * *", "2026-01-01T00:00:00Z"), "2026-01-01T00:00:10");
  assert.equal(after("*/10 * * * * *", "2026-01-01T00:00:09.999Z"), "2026-01-01T00:00:10");
  const just = timestampNs(at("2026-01-01T00:00:10Z") - 1n);
  assert.equal(nextFire(schedule("*/10 * * * * *"), just), at("2026-01-01T00:00:10Z"));
});

Deno.test("day of month and day of week must both match", () => {
  assert.equal(after("0 0 0 13 * fri", "2026-03-14T00:00:00Z"), "2026-11-13T00:00:00");
});

Deno.test("days that few years have are found, days that no year has are not", () => {
  assert.equal(after("0 0 0 29 2 ?", "2025-01-01T00:00:00Z"), "2028-02-29T00:00:00");
  assert.equal(after("0 0 0 29 2 ?", "2097-01-01T00:00:00Z"), undefined);
  assert.equal(after("0 0 0 31 2,4,6,9,11 ?", "2025-01-01T00:00:00Z"), undefined);
});

Deno.test("years end with 2100, and before it with the last year that is named", () => {
  assert.equal(after("0 0 0 1 1 ? 2030,2040", "2030-01-01T00:00:00Z"), "2040-01-01T00:00:00");
  assert.equal(after("0 0 0 1 1 ? 2030,2040", "2040-01-01T00:00:00Z"), undefined);
  assert.equal(after("@yearly", "2099-12-31T23:59:59Z"), "2100-01-01T00:00:00");
  assert.equal(after("@yearly", "2100-01-01T00:00:00Z"), undefined);
  assert.equal(after("* * * * * *", "2262-01-01T00:00:00Z"), undefined);
});

Deno.test("a trigger that ends before it starts is refused", () => {
  assert.throws(
    () => schedule("@daily", { startTime: timestampNs(2n), endTime: timestampNs(1n) }),
    (error) => isWavsError(error, "cron_invalid") && /starts at "2", after its end "1"/.test(error.message),
  );
});

Deno.test("random schedules fire at the times a search through every second finds", () => {
  const start = Math.trunc(Date.UTC(2027, 11, 30) / 1000);
  const list = (max: number) => fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 4 });
  const fields = fc.tuple(
    list(59),
    list(59),
    list(23),
    fc.constantFrom("*", "1", "30,31", "2-29/9"),
    fc.constantFrom("*", "sun", "fri-sat"),
  );
  fc.assert(
    fc.property(
      fields,
      fc.integer({ min: 0, max: 4 * 86_400 }),
      ([seconds, minutes, hours, days, weekdays], offset) => {
        const text = `${seconds} ${minutes} ${hours} ${days} * ${weekdays}`;
        const from = start + offset;
        const until = from + 3 * 86_400;
        const found = nextFire(schedule(text), timestampNs(BigInt(from) * NS));
        const expected = searched(parseCronExpression(text), from, until);
        const actual = found === undefined || found / NS > BigInt(until) ? undefined : Number(found / NS);
        assert.equal(actual, expected, text);
      },
    ),
    { numRuns: 200 },
  );
});

/** The naive way: every second is looked at. */
function searched(expression: CronExpression, after: number, until: number): number | undefined {
  for (let second = after + 1; second <= until; second++) {
    const date = new Date(second * 1000);
    const matches = expression.seconds.includes(date.getUTCSeconds()) &&
      expression.minutes.includes(date.getUTCMinutes()) && expression.hours.includes(date.getUTCHours()) &&
      expression.daysOfMonth.includes(date.getUTCDate()) && expression.months.includes(date.getUTCMonth() + 1) &&
      expression.daysOfWeek.includes(date.getUTCDay() + 1) && expression.years.includes(date.getUTCFullYear());
    if (matches) return second;
  }
  return undefined;
}

Deno.test("the latest times are the last ones that going forward finds", () => {
  const every = schedule("*/7 1-50 * * * *");
  const [from, until] = [at("2026-05-01T00:00:00Z"), at("2026-05-01T03:00:03.5Z")];
  const forward: TimestampNs[] = [];
  for (let next = nextFire(every, from); next !== undefined && next <= until; next = nextFire(every, next)) {
    forward.push(next);
  }
  assert.deepEqual(latestFires(every, { after: from, until, count: 25 }), forward.slice(-25));
  assert.deepEqual(latestFires(every, { after: forward.at(-3)!, until, count: 25 }), forward.slice(-2));
});

Deno.test("the nights on which local clocks change are like any other", async () => {
  const module = new URL("./schedule.ts", import.meta.url).href;
  const code = `
    const { parseCronSchedule, nextFire } = await import(${JSON.stringify(module)});
    const schedule = parseCronSchedule({ schedule: "0 30 * * * *", startTime: undefined, endTime: undefined });
    for (const night of ["2026-03-08T04:00:00Z", "2026-11-01T03:00:00Z"]) {
      let at = BigInt(Date.parse(night)) * 1000000n;
      for (let count = 0; count < 6; count++) {
        const next = nextFire(schedule, at);
        console.log(String((next - at) / 60000000000n));
        at = next;
      }
    }
    console.log(new Date(Date.UTC(2026, 0)).getTimezoneOffset());`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    env: { TZ: "America/New_York" },
  }).output();
  const minutes = new TextDecoder().decode(stdout).trim().split("\n");
  const hourly = ["30", "60", "60", "60", "60", "60"];
  // The last number shows that the process really is where clocks change.
  assert.deepEqual(minutes, [...hourly, ...hourly, "300"], new TextDecoder().decode(stderr));
});
