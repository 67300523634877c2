import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError, recoverEnvelopeSigner } from "@/domain/mod.ts";
import { operatorAddress } from "@/verifier/testing/signed_submission.ts";
import { THRESHOLD_TTL_MS, WEIGHT_TTL_MS } from "./limits.ts";
import { openQuorumStage, OWN_KEY, type QuorumStage, submissionOf } from "./testing/stage.ts";
import type { SignedEnvelope } from "./types.ts";

async function ask(stage: QuorumStage, signed: SignedEnvelope): Promise<string> {
  try {
    await stage.quorum.require(signed);
    return "reached";
  } catch (error) {
    assert.ok(isWavsError(error));
    return error.code;
  }
}

async function stageOf(threshold: bigint, weights: Readonly<Record<number, bigint>>): Promise<QuorumStage> {
  const stage = await openQuorumStage(threshold);
  for (const [key, weight] of Object.entries(weights)) stage.manager.weights.set(operatorAddress(Number(key)), weight);
  return stage;
}

Deno.test("the quorum is there with the signature that completes it, whichever way it comes first", async () => {
  for (const order of ["own first", "peer first"]) {
    using stage = await stageOf(2n, { 1: 1n, 2: 1n, 3: 1n });
    if (order === "peer first") await stage.receive(submissionOf(2));
    const { signed } = stage.sign(submissionOf(OWN_KEY));
    if (order === "own first") {
      assert.equal(await ask(stage, signed), "insufficient_quorum");
      await stage.receive(submissionOf(2));
    }
    assert.equal(await ask(stage, signed), "reached", order);
    const signers = stage.quorum.signatures(signed).map((entry) => recoverEnvelopeSigner(signed.envelope, entry));
    assert.deepEqual(signers.sort(), [operatorAddress(1), operatorAddress(2)].sort(), order);
  }
});

Deno.test("a signature of a peer makes what waits for it due at once", async () => {
  using stage = await stageOf(2n, { 1: 1n, 2: 1n });
  const { submissionId } = stage.sign(submissionOf(OWN_KEY));
  const now = stage.clock.now();
  stage.journal.retrySubmission(submissionId, "waits", now + 30_000);
  assert.deepEqual(stage.journal.submissions.due(now, 10, []), []);
  await stage.receive(submissionOf(2));
  assert.deepEqual(stage.journal.submissions.due(now, 10, []).map(({ id }) => id), [submissionId]);
});

Deno.test("the manager is not asked while the known weights cannot suffice, and again once that is old", async () => {
  using stage = await stageOf(2n, { 1: 1n, 2: 1n });
  const first = stage.sign(submissionOf(OWN_KEY, { event: 1 }));
  const second = stage.sign(submissionOf(OWN_KEY, { event: 2 }));
  assert.equal(await ask(stage, first.signed), "insufficient_quorum");
  assert.equal(stage.manager.validations, 1);
  for (let time = 0; time < 5; time++) assert.equal(await ask(stage, second.signed), "insufficient_quorum");
  assert.equal(stage.manager.validations, 1, "the threshold is the same for all of a manager's events");
  stage.manager.threshold = 1n;
  assert.equal(await ask(stage, second.signed), "insufficient_quorum");
  await stage.clock.advance(THRESHOLD_TTL_MS);
  assert.equal(await ask(stage, second.signed), "reached");
});

Deno.test("a signature that comes while the manager judges counts at once", async () => {
  using stage = await stageOf(2n, { 1: 1n, 2: 1n });
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  stage.manager.meanwhile = () => stage.receive(submissionOf(2));
  assert.equal(await ask(stage, signed), "reached");
});

Deno.test("a signature that comes while it is asked what the own key weighs counts at once", async () => {
  using stage = await stageOf(2n, { 1: 1n, 2: 1n });
  const [first, second] = [1, 2].map((event) => stage.sign(submissionOf(OWN_KEY, { event })).signed);
  assert.ok(first && second);
  assert.equal(await ask(stage, first), "insufficient_quorum");
  // What the manager asks for is known now, and nobody's weight.
  stage.manager.meanwhile = () => stage.receive(submissionOf(2, { event: 2 }));
  assert.equal(await ask(stage, second), "reached");
});

Deno.test("signatures of another answer to the same event count for nothing and block nothing", async () => {
  using stage = await stageOf(2n, { 1: 1n, 2: 1n, 3: 1n });
  await stage.receive(submissionOf(2, { answer: "wrong" }));
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  assert.equal(await ask(stage, signed), "insufficient_quorum");
  await stage.receive(submissionOf(3));
  assert.equal(await ask(stage, signed), "reached");
  assert.equal(stage.quorum.signatures(signed).length, 2);
});

Deno.test("an operator that leaves spoils no set: its signature is left out and forgotten", async () => {
  using stage = await stageOf(2n, { 1: 1n, 2: 1n, 3: 1n });
  for (const key of [2, 3]) await stage.receive(submissionOf(key));
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  stage.manager.weights.delete(operatorAddress(2));
  assert.equal(await ask(stage, signed), "reached");
  assert.equal(stage.quorum.signatures(signed).length, 2);
  assert.equal(stage.journal.peerSignatures.count(), 1);
});

Deno.test("a node whose own key is not registered reaches the quorum of the others", async () => {
  using stage = await stageOf(2n, { 2: 1n, 3: 1n });
  for (const key of [2, 3]) await stage.receive(submissionOf(key));
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  assert.equal(await ask(stage, signed), "reached");
  assert.equal(stage.quorum.signatures(signed).length, 3);
  assert.equal((await stage.quorum.reviewedSignatures(signed)).length, 2);
});

Deno.test("alone and unregistered it is told so", async () => {
  using stage = await stageOf(2n, {});
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  assert.equal(await ask(stage, signed), "signer_not_registered");
});

Deno.test("a signature that the manager refuses for itself is forgotten, the others count", async () => {
  using stage = await stageOf(3n, { 1: 1n, 2: 1n, 3: 1n, 4: 1n });
  for (const key of [2, 3, 4]) await stage.receive(submissionOf(key));
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  stage.manager.refused.add(operatorAddress(3));
  assert.equal(await ask(stage, signed), "reached");
  assert.equal(stage.quorum.signatures(signed).length, 3);
});

interface Move {
  readonly key: number;
  readonly answer: "answer" | "wrong";
}

Deno.test("the quorum is reached exactly when enough weight signed this envelope, in whatever order it came", async () => {
  const moves = fc.array(
    fc.record({ key: fc.integer({ min: 2, max: 7 }), answer: fc.constantFrom<Move["answer"]>("answer", "wrong") }),
    { maxLength: 14 },
  );
  const weights = fc.array(fc.bigInt({ min: 0n, max: 3n }), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      moves,
      weights,
      fc.bigInt({ min: 1n, max: 8n }),
      fc.nat(14),
      async (received, weightOf, threshold, at) => {
        using stage = await openQuorumStage(threshold);
        // Keys 6 and 7 belong to nobody.
        for (let key = 1; key < 6; key++) stage.manager.weights.set(operatorAddress(key), weightOf[key] ?? 0n);
        let signed: SignedEnvelope | undefined;
        for (const [index, { key, answer }] of [...received.entries()]) {
          if (index === at) ({ signed } = stage.sign(submissionOf(OWN_KEY)));
          await stage.receive(submissionOf(key, { answer }));
          if (signed !== undefined) await ask(stage, signed);
        }
        signed ??= stage.sign(submissionOf(OWN_KEY)).signed;
        const agreeing = new Set([
          OWN_KEY,
          ...received.filter(({ answer }) => answer === "answer").map(({ key }) => key),
        ]);
        const sum = [...agreeing].filter((key) => key < 6).reduce((total, key) => total + (weightOf[key] ?? 0n), 0n);
        assert.equal(await ask(stage, signed), sum >= threshold ? "reached" : "insufficient_quorum");
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a weight that grew counts once what was known of it is old", async () => {
  using stage = await stageOf(5n, { 1: 1n, 2: 1n });
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  await stage.receive(submissionOf(2));
  assert.equal(await ask(stage, signed), "insufficient_quorum");
  stage.manager.weights.set(operatorAddress(2), 9n);
  await stage.clock.advance(Math.max(WEIGHT_TTL_MS, THRESHOLD_TTL_MS));
  assert.equal(await ask(stage, signed), "reached");
});
