import assert from "node:assert/strict";
import fc from "fast-check";
import { afterFailure, FIRST_ENDPOINT, pauseMs } from "./rotation.ts";

Deno.test("every endpoint is tried once before one is tried again", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), (endpoints) => {
    const tried: number[] = [];
    let rotation = FIRST_ENDPOINT;
    for (let attempt = 0; attempt < endpoints; attempt++) {
      tried.push(rotation.index);
      rotation = afterFailure(rotation, endpoints, false);
    }
    assert.equal(new Set(tried).size, endpoints);
    assert.equal(rotation.index, 0);
  }));
});

const OPTIONS = { endpoints: 2, backoff: { baseMs: 250, maxMs: 30_000 }, random: () => 0.5 };

Deno.test("pauses grow with every round and stay below their cap", () => {
  const pauses = [0, 1, 2, 3, 4, 5].map((failures) => pauseMs({ index: 0, failures }, OPTIONS));
  assert.deepEqual(pauses, [0, 250, 250, 500, 500, 1_000]);
  assert.equal(pauseMs({ index: 0, failures: 10_000 }, OPTIONS), OPTIONS.backoff.maxMs);
});

Deno.test("after a connection that lasted the next endpoint is tried at once", () => {
  const rotation = afterFailure({ index: 1, failures: 9 }, 2, true);
  assert.deepEqual(rotation, { index: 0, failures: 0 });
  assert.equal(pauseMs(rotation, OPTIONS), 0);
});
