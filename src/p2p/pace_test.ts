import assert from "node:assert/strict";
import fc from "fast-check";
import { Pace } from "./pace.ts";

Deno.test("a burst passes at once, what comes after it waits for its tokens", () => {
  const pace = new Pace({ perSecond: 10, burst: 3 }, 0);
  assert.deepEqual([1, 1, 1, 1, 1].map((tokens) => pace.take(tokens, 0)), [0, 0, 0, 100, 200]);
  assert.equal(pace.take(1, 200), 100);
});

Deno.test("whoever waits as told is never faster than its rate and its burst, whatever it takes", () => {
  const takes = fc.array(
    fc.record({ tokens: fc.integer({ min: 1, max: 9 }), restMs: fc.integer({ min: 0, max: 500 }) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(fc.property(takes, (script) => {
    const options = { perSecond: 100, burst: 20 };
    const pace = new Pace(options, 0);
    let nowMs = 0;
    let taken = 0;
    for (const { tokens, restMs } of script) {
      nowMs += restMs + pace.take(tokens, nowMs + restMs);
      taken += tokens;
      assert.ok(taken <= options.burst + nowMs * options.perSecond / 1000 + 1e-6, `${taken} within ${nowMs} ms`);
    }
  }));
});

Deno.test("a clock that goes back earns nothing", () => {
  const pace = new Pace({ perSecond: 1, burst: 1 }, 1_000);
  assert.equal(pace.take(1, 1_000), 0);
  assert.equal(pace.take(1, 0), 1_000);
});
