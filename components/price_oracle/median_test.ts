import assert from "node:assert/strict";
import fc from "fast-check";
import { median } from "./median.ts";

Deno.test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([3]), 3);
  assert.equal(median([3, 1]), 2);
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([1, 2, 4, 100]), 3);
});

Deno.test("as many values lie above the median as below, in whatever order they come", () => {
  const prices = fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 9 });
  fc.assert(fc.property(prices, (values) => {
    const middle = median(values);
    const above = values.filter((value) => value > middle).length;
    const below = values.filter((value) => value < middle).length;
    return above <= values.length / 2 && below <= values.length / 2 && middle === median(values.toReversed());
  }));
});
