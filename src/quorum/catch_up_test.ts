import assert from "node:assert/strict";
import { createVerifier } from "@/verifier/mod.ts";
import { operatorAddress } from "@/verifier/testing/signed_submission.ts";
import { openQuorumStage, OWN_KEY, type QuorumStage, submissionOf } from "./testing/stage.ts";

const EVENTS = new Map([1, 2].map((event) => [submissionOf(OWN_KEY, { event }).eventId, event] as const));
const KEYS = new Map([1, 2, 3].map((key) => [operatorAddress(key), key] as const));

/** The served submissions as another node verifies them: event and operator of each. */
async function served(stage: QuorumStage, limit = 100): Promise<(readonly [number | undefined, number | undefined])[]> {
  const verifier = await createVerifier();
  return await Promise.all(
    stage.catchUp.submissions({ serviceId: stage.serviceId, limit }).map(async (bytes) => {
      const verdict = await verifier.verify(bytes, { signal: stage.context.signal });
      assert.ok(verdict.kind === "verified", JSON.stringify(verdict));
      return [EVENTS.get(verdict.submission.eventId), KEYS.get(verdict.submission.signer)] as const;
    }),
  );
}

/** Two events, the second a while after the first, each signed by this node and by peers. */
async function openStage(): Promise<QuorumStage> {
  const stage = await openQuorumStage(2n);
  for (const key of [1, 2, 3]) stage.manager.weights.set(operatorAddress(key), 1n);
  stage.sign(submissionOf(OWN_KEY, { event: 1 }));
  await stage.receive(submissionOf(2, { event: 1 }));
  await stage.clock.advance(200_000);
  stage.sign(submissionOf(OWN_KEY, { event: 2 }));
  for (const key of [2, 3]) await stage.receive(submissionOf(key, { event: 2 }));
  return stage;
}

Deno.test("peers that catch up are told what this node signed and who else signed the same, oldest event first", async () => {
  using stage = await openStage();
  const items = await served(stage);
  assert.deepEqual(items.map(([event]) => event), [1, 1, 2, 2, 2]);
  assert.deepEqual(items.map(([event, key]) => `${event} ${key}`).sort(), ["1 1", "1 2", "2 1", "2 2", "2 3"]);
});

Deno.test("what this node did not sign is not served", async () => {
  using stage = await openStage();
  await stage.receive(submissionOf(3, { event: 1, answer: "wrong" }));
  await stage.receive(submissionOf(3, { event: 9 }));
  assert.equal((await served(stage)).length, 5);
});

Deno.test("with too much to tell the newest is told", async () => {
  using stage = await openStage();
  assert.deepEqual((await served(stage, 2)).map(([event]) => event), [2, 2]);
});

Deno.test("what is too old, or of another service, is not served", async () => {
  using stage = await openStage();
  await stage.clock.advance(100_001);
  assert.deepEqual((await served(stage)).map(([event]) => event), [2, 2, 2]);
  assert.deepEqual(stage.catchUp.submissions({ serviceId: "99".repeat(32) as never, limit: 100 }), []);
});
