import assert from "node:assert/strict";
import fc from "fast-check";
import { Nonces } from "./nonces.ts";

Deno.test("nonces are handed out in order", () => {
  const nonces = new Nonces(7);
  assert.deepEqual([nonces.take(), nonces.take(), nonces.take()], [7, 8, 9]);
});

Deno.test("a nonce that was given back is the next one", () => {
  const nonces = new Nonces(0);
  const [first, second] = [nonces.take(), nonces.take()];
  nonces.giveBack(first);
  assert.equal(nonces.take(), first);
  nonces.giveBack(second);
  assert.deepEqual([nonces.take(), nonces.take()], [1, 2]);
});

Deno.test("a nonce that may be used is never handed out again", () => {
  const nonces = new Nonces(0);
  nonces.release(nonces.take());
  nonces.giveBack(0);
  assert.equal(nonces.take(), 1);
});

Deno.test("a recorded nonce is held by one at a time", () => {
  const nonces = new Nonces(5);
  assert.equal(nonces.hold(3), true);
  assert.equal(nonces.hold(3), false);
  nonces.release(3);
  assert.equal(nonces.hold(3), true);
});

Deno.test("holding a nonce ahead of all others leaves those between to be handed out", () => {
  const nonces = new Nonces(0);
  assert.equal(nonces.hold(2), true);
  assert.deepEqual([nonces.take(), nonces.take(), nonces.take()], [0, 1, 3]);
});

Deno.test("nonces the chain has used are not handed out", () => {
  const nonces = new Nonces(0);
  const taken = [nonces.take(), nonces.take(), nonces.take()];
  nonces.giveBack(taken[0] ?? 0);
  nonces.observe(5);
  assert.equal(nonces.take(), 5);
});

Deno.test("whatever fails and comes back, nobody shares a nonce and no gap stays", () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant({ kind: "take" as const }),
      fc.record({ kind: fc.constantFrom("giveBack" as const, "release" as const), which: fc.nat() }),
    ),
    { maxLength: 200 },
  );
  fc.assert(fc.property(fc.nat({ max: 1000 }), steps, (first, script) => {
    const nonces = new Nonces(first);
    const held: number[] = [];
    const used = new Set<number>();
    for (const step of script) {
      if (step.kind === "take") {
        const nonce = nonces.take();
        assert.ok(!held.includes(nonce) && !used.has(nonce), `${nonce} was handed out twice`);
        held.push(nonce);
        continue;
      }
      const [nonce] = held.splice(held.length === 0 ? 0 : step.which % held.length, 1);
      if (nonce === undefined) continue;
      nonces[step.kind](nonce);
      if (step.kind === "release") used.add(nonce);
    }
    // As many more as are missing below the highest: they fill every gap.
    const highest = Math.max(first - 1, ...held, ...used);
    const missing = highest - first + 1 - held.length - used.size;
    for (let taken = 0; taken < missing; taken++) held.push(nonces.take());
    const all = [...held, ...used].sort((a, b) => a - b);
    assert.deepEqual(all, all.map((_, index) => first + index));
  }));
});
