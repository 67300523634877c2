import assert from "node:assert/strict";
import { type ServiceId, utf8Bytes, WavsError } from "@/domain/mod.ts";
import { operatorAddress, signedSubmission, submissionBytes } from "@/verifier/testing/signed_submission.ts";
import { MAX_STRANGERS_PER_PEER, UNREGISTERED_TTL_MS, WEIGHT_TTL_MS } from "./limits.ts";
import { openQuorumStage, submissionOf } from "./testing/stage.ts";
import type { IntakeResult } from "./types.ts";

function codeOf(result: IntakeResult): string {
  return result.kind === "refused" ? `${result.isPeersFault ? "reject" : "ignore"} ${result.code}` : result.kind;
}

Deno.test("a submission of an operator with weight is stored once", async () => {
  using stage = await openQuorumStage(2n);
  stage.manager.weights.set(operatorAddress(2), 1n);
  assert.equal(codeOf(await stage.receive(submissionOf(2))), "stored");
  assert.equal(codeOf(await stage.receive(submissionOf(2), "another peer")), "known");
  assert.equal(stage.journal.peerSignatures.count(), 1);
});

Deno.test("whoever is no operator, or has no weight, is not stored and not blamed for it", async () => {
  using stage = await openQuorumStage(2n);
  stage.manager.weights.set(operatorAddress(3), 0n);
  for (const key of [2, 3]) {
    assert.equal(codeOf(await stage.receive(submissionOf(key))), "ignore signer_not_registered");
  }
  assert.equal(stage.journal.peerSignatures.count(), 0);
});

Deno.test("a peer that brings many signers nobody knows is blamed", async () => {
  using stage = await openQuorumStage(2n);
  for (let key = 10; key < 10 + MAX_STRANGERS_PER_PEER; key++) {
    for (const event of [1, 2]) {
      assert.equal(codeOf(await stage.receive(submissionOf(key, { event }), "forger")), "ignore signer_not_registered");
    }
  }
  assert.equal(codeOf(await stage.receive(submissionOf(100), "forger")), "reject signer_not_registered");
  assert.equal(codeOf(await stage.receive(submissionOf(100), "honest")), "ignore signer_not_registered");
});

Deno.test("what nobody correct would send is the peer's fault", async () => {
  using stage = await openQuorumStage(2n);
  const { serviceId, intake } = stage;
  const bytes = submissionBytes(submissionOf(2));
  const take = async (given: Uint8Array) => codeOf(await intake.take({ peer: "peer", serviceId, bytes: given }));
  assert.equal(await take(utf8Bytes("[".repeat(1_000))), "reject submission_malformed");
  assert.equal(await take(new Uint8Array(70_000)), "reject submission_too_large");
  const submission = submissionOf(2);
  assert.equal(
    codeOf(await stage.receive({ ...submission, eventId: `0x${"00".repeat(20)}` as never })),
    "reject event_id_mismatch",
  );
  const elsewhere = signedSubmission({ serviceId: "99".repeat(32) as ServiceId, key: 2 });
  assert.equal(codeOf(await stage.receive(elsewhere)), "reject service_mismatch");
  const unknown = await intake.take({ peer: "peer", serviceId: "99".repeat(32) as ServiceId, bytes });
  assert.equal(codeOf(unknown), "ignore service_unknown");
  assert.equal(stage.manager.weighings, 0, "none of it cost a question to the chain");
});

Deno.test("workflow and kind of signature are those of the service as it is now", async () => {
  using stage = await openQuorumStage(2n);
  stage.manager.weights.set(operatorAddress(2), 1n);
  assert.equal(codeOf(await stage.receive(submissionOf(2, { workflowId: "gone" }))), "ignore workflow_unknown");
  assert.equal(codeOf(await stage.receive(submissionOf(2, { workflowId: "silent" }))), "ignore workflow_unknown");
  const plain = signedSubmission({
    serviceId: stage.serviceId,
    key: 2,
    kind: { algorithm: "secp256k1", prefix: undefined },
  });
  assert.equal(codeOf(await stage.receive(plain)), "ignore signature_kind_mismatch");
});

Deno.test("weights are asked once in a while, of many submissions at once", async () => {
  using stage = await openQuorumStage(2n);
  stage.manager.weights.set(operatorAddress(2), 1n);
  const receive = (event: number) => stage.receive(submissionOf(2, { event }));
  await Promise.all([1, 2, 3, 4].map(receive));
  await receive(5);
  assert.equal(stage.manager.weighings, 1);
  await stage.clock.advance(WEIGHT_TTL_MS);
  stage.manager.weights.set(operatorAddress(2), 0n);
  assert.equal(codeOf(await receive(6)), "ignore signer_not_registered");
  stage.manager.weights.set(operatorAddress(2), 1n);
  assert.equal(codeOf(await receive(6)), "ignore signer_not_registered");
  assert.equal(stage.manager.weighings, 2);
  await stage.clock.advance(UNREGISTERED_TTL_MS);
  assert.equal(codeOf(await receive(6)), "stored");
});

Deno.test("a chain that is away for a moment costs no signature, and for long the peer is not blamed", async () => {
  using stage = await openQuorumStage(2n);
  stage.manager.weights.set(operatorAddress(2), 1n);
  stage.manager.outage = new WavsError("rpc_unreachable", { message: "no answer", retryable: true });
  const shortly = stage.receive(submissionOf(2));
  await stage.clock.advance(2_000);
  stage.manager.outage = undefined;
  await stage.clock.advance(10_000);
  assert.equal(codeOf(await shortly), "stored");
  await stage.clock.advance(WEIGHT_TTL_MS);
  stage.manager.outage = new WavsError("rpc_unreachable", { message: "no answer", retryable: true });
  const long = stage.receive(submissionOf(2, { event: 2 }));
  await stage.clock.advance(120_000);
  assert.equal(codeOf(await long), "ignore signer_not_weighed");
});

Deno.test("this node's own submission that comes back is known", async () => {
  using stage = await openQuorumStage(2n);
  const own = submissionOf(1);
  stage.sign(own);
  assert.equal(codeOf(await stage.receive(own)), "known");
  assert.equal(stage.journal.peerSignatures.count(), 0);
});
