import assert from "node:assert/strict";
import { type ServiceId, WavsError } from "@/domain/mod.ts";
import { openQuorumStage, OWN_KEY, type QuorumStage, submissionOf } from "@/quorum/testing/stage.ts";
import { submissionBytes } from "@/verifier/testing/signed_submission.ts";
import { NO_PEERS_PAUSE, REPUBLISH_BACKOFF } from "./limits.ts";
import { Publications } from "./publications.ts";
import type { DispatcherModules } from "./types.ts";

const TTL_MS = 3_600_000;

interface Outbox {
  readonly sent: { readonly serviceId: ServiceId; readonly bytes: Uint8Array }[];
  peers: number;
  failure: WavsError | undefined;
  /** Publishes what is due now, and says how much that was. */
  round(): Promise<number>;
}

function openOutbox(stage: QuorumStage): Outbox {
  const { journal, services, context } = stage;
  const modules = { journal, context, services: { get: (id) => services.get(id), chains: () => [] } } satisfies Partial<
    DispatcherModules
  >;
  const outbox: Outbox = {
    sent: [],
    peers: 2,
    failure: undefined,
    round: async () => {
      const due = publications.take(10, []);
      for (const row of due) await publications.run(row);
      return due.length;
    },
  };
  // The other modules are those of other lanes.
  const publications = new Publications(
    { submissionTtlMs: TTL_MS, rankDelayMs: 0 },
    modules as unknown as DispatcherModules,
    (message) => {
      if (outbox.failure !== undefined) return Promise.reject(outbox.failure);
      outbox.sent.push(message);
      return Promise.resolve({ peers: outbox.peers });
    },
  );
  return outbox;
}

Deno.test("what was signed is published at once, and again until the quorum is there", async () => {
  using stage = await openQuorumStage(2n);
  const outbox = openOutbox(stage);
  const submission = submissionOf(OWN_KEY);
  const { submissionId } = stage.sign(submission);
  assert.equal(await outbox.round(), 1);
  assert.deepEqual(outbox.sent, [{ serviceId: stage.serviceId, bytes: submissionBytes(submission) }]);
  assert.equal(await outbox.round(), 0);
  await stage.clock.advance(REPUBLISH_BACKOFF.baseMs * 1.25);
  assert.equal(await outbox.round(), 1);
  assert.deepEqual(outbox.sent[0], outbox.sent[1], "the same bytes");
  stage.journal.recordQuorum(submissionId);
  await stage.clock.advance(REPUBLISH_BACKOFF.maxMs * 2);
  assert.equal(await outbox.round(), 0);
});

Deno.test("what reached its quorum before it was published is published once", async () => {
  using stage = await openQuorumStage(1n);
  const outbox = openOutbox(stage);
  stage.journal.recordQuorum(stage.sign(submissionOf(OWN_KEY)).submissionId);
  assert.equal(await outbox.round(), 1);
  await stage.clock.advance(REPUBLISH_BACKOFF.maxMs * 2);
  assert.equal(await outbox.round(), 0);
});

Deno.test("with nobody to tell it is tried again soon, and less often the older it gets", async () => {
  using stage = await openQuorumStage(2n);
  const outbox = openOutbox(stage);
  outbox.peers = 0;
  stage.sign(submissionOf(OWN_KEY));
  for (let second = 0; second < 600; second++) {
    await outbox.round();
    await stage.clock.advance(1_000);
  }
  const rarest = 600_000 / NO_PEERS_PAUSE.maxMs;
  assert.ok(outbox.sent.length >= rarest && outbox.sent.length < 60, `${outbox.sent.length} tries in ten minutes`);
});

Deno.test("a network that fails is tried again, a message it can never carry is not", async () => {
  using stage = await openQuorumStage(2n);
  const outbox = openOutbox(stage);
  stage.sign(submissionOf(OWN_KEY));
  outbox.failure = new WavsError("worker_lost", { message: "the worker ended", retryable: true });
  assert.equal(await outbox.round(), 1);
  await stage.clock.advance(NO_PEERS_PAUSE.maxMs);
  outbox.failure = new WavsError("p2p_too_large", { message: "too large", retryable: false });
  assert.equal(await outbox.round(), 1);
  await stage.clock.advance(TTL_MS);
  assert.equal(await outbox.round(), 0);
});

Deno.test("what expires is not published any more", async () => {
  using stage = await openQuorumStage(2n);
  const outbox = openOutbox(stage);
  stage.sign(submissionOf(OWN_KEY));
  let rounds = 0;
  for (let elapsedMs = 0; elapsedMs < 2 * TTL_MS; elapsedMs += 60_000) {
    rounds += await outbox.round();
    await stage.clock.advance(60_000);
  }
  assert.ok(rounds > 3 && rounds < 12, `${rounds} times in an hour`);
  assert.equal(stage.journal.submissions.nextPublishAt(0), undefined);
});

Deno.test("what was to be published still is after a restart", async () => {
  const directory = await Deno.makeTempDir();
  try {
    {
      using stage = await openQuorumStage(2n, `${directory}/db`);
      stage.sign(submissionOf(OWN_KEY));
    }
    using stage = await openQuorumStage(2n, `${directory}/db`);
    const outbox = openOutbox(stage);
    assert.equal(await outbox.round(), 1);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
