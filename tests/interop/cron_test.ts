import assert from "node:assert/strict";
import fc from "fast-check";
import { timestampNs } from "@/domain/mod.ts";
import { type CronSchedule, nextFire, parseCronSchedule } from "@/triggers/cron/schedule.ts";
import { cronExpressions } from "@/triggers/cron/testing/arbitraries.ts";
import { buildRust, startRustOracle } from "@tests/support/rust_oracle.ts";

const PATTERNS = 100_000;
const FIRES = 3;
const NS = 1_000_000_000n;

const built = await buildRust("oracle");
if ("absent" in built) {
  const why = `SKIPPED: cron is not compared with the crate "cron" because ${built.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

Deno.test({
  name: `${PATTERNS} random cron expressions read and fire as in the crate "cron"`,
  ignore: "absent" in built,
  fn: async () => {
    assert.ok("path" in built);
    await using oracle = startRustOracle(built.path);
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const expressions = fc.sample(cronExpressions(), { numRuns: PATTERNS, seed });
    const instants = fc.sample(fc.integer({ min: 0, max: 4_102_444_800 }), { numRuns: PATTERNS, seed });
    let valid = 0;
    for (let start = 0; start < PATTERNS; start += 1_000) {
      const part = expressions.slice(start, start + 1_000);
      const after = instants.slice(start, start + 1_000);
      const answers = await oracle.ask(
        part.map((text, index) => `cron ${after[index]} ${FIRES} ${text.replaceAll("\n", " ")}`),
      );
      for (const [index, text] of part.entries()) {
        const ours = fires(text, after[index] ?? 0);
        assert.equal(ours, answers[index], `"${text}" after ${after[index]} (seed ${seed})`);
        if (ours !== "invalid") valid++;
      }
    }
    assert.ok(valid > PATTERNS / 4, `only ${valid} expressions were valid`);
  },
});

function fires(text: string, afterSeconds: number): string {
  let schedule: CronSchedule;
  try {
    schedule = parseCronSchedule({ schedule: text, startTime: undefined, endTime: undefined });
  } catch {
    return "invalid";
  }
  const found: bigint[] = [];
  let after = timestampNs(BigInt(afterSeconds) * NS);
  while (found.length < FIRES) {
    const next = nextFire(schedule, after);
    if (next === undefined) break;
    found.push(next / NS);
    after = next;
  }
  return found.join(" ");
}
