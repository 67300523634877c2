import assert from "node:assert/strict";
import { isWavsError } from "@/domain/errors.ts";
import { type CronExpression, parseCronExpression } from "./expression.ts";

function field(expression: string, name: keyof CronExpression): readonly number[] {
  return parseCronExpression(expression)[name];
}

function refusal(expression: string): string {
  try {
    parseCronExpression(expression);
  } catch (error) {
    assert.ok(isWavsError(error, "cron_invalid"), String(error));
    return error.message;
  }
  throw new Error(`"${expression}" was accepted`);
}

Deno.test("lists, ranges, steps and stars give their values", () => {
  assert.deepEqual(field("1,5,3 * * * * *", "seconds"), [1, 3, 5]);
  assert.deepEqual(field("0 10-12 * * * *", "minutes"), [10, 11, 12]);
  assert.deepEqual(field("0 0 */6 * * *", "hours"), [0, 6, 12, 18]);
  assert.deepEqual(field("0 0 0 20/5 * *", "daysOfMonth"), [20, 25, 30]);
  assert.deepEqual(field("0 0 0 * 2-11/3 *", "months"), [2, 5, 8, 11]);
  assert.deepEqual(field("0 0 0 ? * ?/2", "daysOfWeek"), [1, 3, 5, 7]);
  assert.deepEqual(field("0 0 0 * * * 1970,2099-2100", "years"), [1970, 2099, 2100]);
  assert.equal(field("* * * * * *", "years").length, 131);
});

Deno.test("names in any case count from January and from Sunday", () => {
  assert.deepEqual(field("0 0 0 1 JAN,march,Dec *", "months"), [1, 3, 12]);
  assert.deepEqual(field("0 0 0 * * sun,Tues,thurs", "daysOfWeek"), [1, 3, 5]);
  assert.deepEqual(field("0 0 0 * * mon-friday/2", "daysOfWeek"), [2, 4, 6]);
});

Deno.test("blanks between fields are needed only where numbers or names would run together", () => {
  assert.deepEqual(parseCronExpression("******"), parseCronExpression(" *  * *\t* *\n* "));
  assert.deepEqual(field("0 0 0 1 , 2 * *", "daysOfMonth"), [1, 2]);
  assert.deepEqual(field("0 0 0 1 - 3 / 2 * *", "daysOfMonth"), [1, 3]);
});

Deno.test("shorthands are the expressions they stand for", () => {
  assert.deepEqual(parseCronExpression(" @weekly\n"), parseCronExpression("0 0 0 * * sun"));
  assert.deepEqual(parseCronExpression("@yearly"), parseCronExpression("0 0 0 1 jan ?"));
});

Deno.test("what is no expression is refused with the field and what was expected", () => {
  const cases: readonly [string, RegExp][] = [
    ["", /goes on with "" where a second was expected/],
    ["*/5 * * * *", /where a day of week was expected/],
    ["0 60 * * * *", /its minute "60" is not between 0 and 59/],
    ["0 0 24 * * *", /its hour "24" is not between 0 and 23/],
    ["0 0 0 32 * *", /its day of month "32"/],
    ["0 0 0 0 * *", /its day of month "0" is not between 1 and 31/],
    ["0 0 0 * 13 *", /its month "13"/],
    ["0 0 0 * * 8", /its day of week "8" is not between 1 and 7/],
    ["0 0 0 * * 0", /its day of week "0"/],
    ["0 0 0 * * * 2101", /its year "2101"/],
    ["0 0 0 * * * * *", /where the end, after six fields or seven, was expected|where the end/],
    ["0 0 0 * * mon/2", /goes on with "\/2"/],
    ["0 0 0 * * 2-wed", /goes on with|where/],
    ["0 0 0 * * fri-mon", /the range of its day of week begins after its end/],
    ["5-3 * * * * *", /the range of its second/],
    ["*/0 * * * * *", /the step "0" of its second is not between 1 and 59/],
    ["*/60 * * * * *", /the step "60"/],
    ["? * * * * *", /where a second was expected/],
    ["0 0 0 L * *", /"L" is no day of month/],
    ["0 0 0 * * 2#1", /goes on with "#1"/],
    ["0 0 0 * foo *", /"foo" is no month/],
    ["0 0 0 * * mon,", /where a day of week was expected/],
    ["@Daily", /where a second was expected/],
    ["@reboot", /where a second was expected/],
    ["99999999999999999999 * * * * *", /its second/],
  ];
  for (const [expression, expected] of cases) assert.match(refusal(expression), expected, expression);
  assert.match(refusal("1,".repeat(4_096)), /longer than 4096 characters/);
});
