import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs } from "./backoff.ts";

const OPTIONS = { baseMs: 100, maxMs: 5_000 };

Deno.test("backoff doubles from its base", () => {
  const midway = () => 0.5;
  assert.deepEqual([1, 2, 3, 4].map((attempt) => backoffMs(OPTIONS, attempt, midway)), [100, 200, 400, 800]);
});

Deno.test("backoff stays within a quarter of its cap, however often it is tried", () => {
  fc.assert(fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
    const ms = backoffMs(OPTIONS, attempt, () => random);
    return ms >= 75 && ms <= OPTIONS.maxMs * 1.25;
  }));
});
