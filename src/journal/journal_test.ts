import assert from "node:assert/strict";
import {
  type AggregatorAction,
  type Bytes32,
  type ChainKey,
  type EventId,
  type EvmAddress,
  type Hex,
  isWavsError,
  type ServiceId,
  type WasmResponse,
  type WorkflowId,
} from "@/domain/mod.ts";
import { type Database, openDatabase } from "@/storage/mod.ts";
import type { Cursor, DetectedEvent, SourceBatch, SourceName, TriggerIdentity } from "@/triggers/types.ts";
import { Journal } from "./journal.ts";
import { MAX_TIMER_SECONDS } from "./limits.ts";
import type { JournalChange } from "./types.ts";

const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11" as ServiceId;
const OTHER_SERVICE = "807ff0222b1ed4636e9575cfcf12596e086b686bdb896fe7813252b33c64d618" as ServiceId;
const WORKFLOW = "default" as WorkflowId;
const CHAIN = "evm:31337" as ChainKey;
const EVENT_ID = "0xa2368f27a39f4c71eb55ef692993c1a548eb2633" as EventId;
const RESPONSE: WasmResponse = { payload: new Uint8Array([1, 2]), ordering: 2n ** 64n - 1n, eventIdSalt: undefined };
const TARGET: AggregatorAction = {
  kind: "submit",
  target: {
    kind: "evm",
    chain: CHAIN,
    address: "0x00000000000000000000000000000000deadbeef" as EvmAddress,
    gasPrice: undefined,
  },
};

interface Bench extends Disposable {
  readonly journal: Journal;
  readonly database: Database;
  readonly changes: JournalChange[];
  nowMs: number;
}

function openJournal(path = ":memory:"): Bench {
  const database = openDatabase({ path, durability: "process" });
  const bench: Bench = {
    database,
    changes: [],
    nowMs: 1_000,
    journal: new Journal({
      database,
      clock: { now: () => bench.nowMs, monotonic: () => bench.nowMs, sleep: () => Promise.resolve() },
    }),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
  bench.journal.observe((change) => bench.changes.push(change));
  return bench;
}

function hash(byte: number): Bytes32 {
  return `0x${byte.toString(16).padStart(2, "0").repeat(32)}` as Bytes32;
}

function detected(identity: string, overrides: Partial<DetectedEvent> = {}): DetectedEvent {
  return {
    serviceId: SERVICE,
    workflowId: WORKFLOW,
    trigger: { kind: "manual" },
    data: { kind: "Raw", data: new TextEncoder().encode(identity) },
    identity: identity as TriggerIdentity,
    block: { chain: CHAIN, number: 7n, hash: hash(7) },
    detectedAtMs: 900,
    ...overrides,
  };
}

function batch(events: DetectedEvent[], overrides: Partial<SourceBatch> = {}): SourceBatch {
  return {
    source: "evm:31337" as SourceName,
    cursor: "7" as Cursor,
    events,
    uriChanges: [],
    orphanedBlocks: [],
    ...overrides,
  };
}

/** Brings one event to where its only response waits to be signed. */
function executed(bench: Bench, identity = "a"): { readonly eventRow: number; readonly submissionId: number } {
  bench.journal.recordBatch(batch([detected(identity)]));
  const event = bench.journal.events.oldestDue(SERVICE, bench.nowMs, []);
  assert.ok(event);
  bench.journal.beginExecution(event.id);
  bench.journal.recordResponses(event.id, [{ eventId: EVENT_ID, response: RESPONSE }]);
  const [submission] = bench.journal.submissions.due(bench.nowMs, 10, []);
  assert.ok(submission);
  return { eventRow: event.id, submissionId: submission.id };
}

/** Brings one event to where its transaction may be sent. */
function acting(bench: Bench): { readonly eventRow: number; readonly submissionId: number; readonly actionId: number } {
  const { eventRow, submissionId } = executed(bench);
  bench.journal.recordSignature(submissionId, { signer: "0x01", bytes: new Uint8Array(65) });
  bench.journal.recordQuorum(submissionId);
  bench.journal.recordActions(submissionId, [TARGET]);
  const [action] = bench.journal.actions.due(bench.nowMs, 10, []);
  assert.ok(action);
  return { eventRow, submissionId, actionId: action.id };
}

Deno.test("a batch is recorded once, however often it is delivered", () => {
  using bench = openJournal();
  const first = bench.journal.recordBatch(batch([detected("a"), detected("b")]));
  const second = bench.journal.recordBatch(
    batch([detected("a"), detected("b"), detected("c")], { cursor: "8" as Cursor }),
  );
  assert.deepEqual(first, { inserted: 2, duplicates: 0, orphaned: 0, orphanedTooLate: 0 });
  assert.deepEqual(second, { inserted: 1, duplicates: 2, orphaned: 0, orphanedTooLate: 0 });
  assert.equal(bench.journal.cursor("evm:31337"), "8");
});

Deno.test("the same occurrence counts for each service and workflow of its own", () => {
  using bench = openJournal();
  const events = [
    detected("a"),
    detected("a", { serviceId: OTHER_SERVICE }),
    detected("a", { workflowId: "two" as WorkflowId }),
  ];
  assert.equal(bench.journal.recordBatch(batch(events)).inserted, 3);
});

Deno.test("cursor and events are committed together or not at all", () => {
  using bench = openJournal();
  const broken = detected("b", { detectedAtMs: "never" as unknown as number });
  assert.throws(() => bench.journal.recordBatch(batch([detected("a"), broken])));
  assert.equal(bench.journal.cursor("evm:31337"), undefined);
  assert.equal(bench.journal.events.oldestDue(SERVICE, bench.nowMs, []), undefined);
});

Deno.test("an event comes back as it was recorded", () => {
  using bench = openJournal();
  const event = detected("a", {
    trigger: {
      kind: "evm_contract_event",
      address: "0x1111111111111111111111111111111111111111" as EvmAddress,
      chain: CHAIN,
      eventHash: hash(1),
    },
    data: {
      kind: "EvmContractEvent",
      chain: CHAIN,
      contractAddress: "0x1111111111111111111111111111111111111111" as EvmAddress,
      logData: { topics: [hash(1), hash(2)], data: new Uint8Array([0, 255]) },
      txHash: hash(4),
      blockNumber: 2n ** 63n,
      logIndex: 3n,
      blockHash: hash(5),
      blockTimestamp: undefined,
      txIndex: 0n,
    },
  });
  bench.journal.recordBatch(batch([event]));
  const row = bench.journal.events.oldestDue(SERVICE, bench.nowMs, []);
  assert.deepEqual(row?.action, {
    config: { serviceId: SERVICE, workflowId: WORKFLOW, trigger: event.trigger },
    data: event.data,
  });
});

Deno.test("a response keeps 64-bit ordering and tells no salt from an empty one", () => {
  using bench = openJournal();
  bench.journal.recordBatch(batch([detected("a")]));
  bench.journal.beginExecution(1);
  bench.journal.recordResponses(1, [
    { eventId: EVENT_ID, response: RESPONSE },
    { eventId: EVENT_ID, response: { ...RESPONSE, ordering: undefined, eventIdSalt: new Uint8Array() } },
  ]);
  const responses = bench.journal.submissions.due(bench.nowMs, 10, []).map((submission) => submission.response);
  assert.deepEqual(responses[0], RESPONSE);
  assert.deepEqual(responses[1], { payload: RESPONSE.payload, ordering: undefined, eventIdSalt: new Uint8Array() });
});

Deno.test("an event without responses is final after its execution", () => {
  using bench = openJournal();
  bench.journal.recordBatch(batch([detected("a")]));
  bench.journal.beginExecution(1);
  bench.journal.recordResponses(1, []);
  assert.equal(bench.journal.events.get(1).state, "final");
});

Deno.test("what was executing when the process died is detected again, the rest stays where it was", () => {
  const path = Deno.makeTempFileSync();
  {
    using bench = openJournal(path);
    executed(bench, "a");
    bench.journal.recordBatch(batch([detected("b")]));
    bench.journal.beginExecution(2);
  }
  using bench = openJournal(path);
  assert.deepEqual(bench.journal.recover([]), { executing: 1 });
  assert.deepEqual([1, 2].map((id) => bench.journal.events.get(id).state), ["executed", "detected"]);
  assert.equal(bench.journal.submissions.due(bench.nowMs, 10, []).length, 1);
  Deno.removeSync(path);
});

Deno.test("a second, different envelope for an event is refused, the same one is not", () => {
  using bench = openJournal();
  const [one, other] = ["0x01", "0x02"] as Hex[];
  assert.ok(one && other);
  assert.equal(bench.journal.guardSignature(SERVICE, EVENT_ID, one), true);
  assert.equal(bench.journal.guardSignature(SERVICE, EVENT_ID, one), true);
  assert.equal(bench.journal.guardSignature(SERVICE, EVENT_ID, other), false);
  assert.equal(bench.journal.guardSignature(OTHER_SERVICE, EVENT_ID, other), true);
});

Deno.test("an event is final once its transaction landed and its component was told", () => {
  using bench = openJournal();
  const { eventRow, submissionId, actionId } = acting(bench);
  bench.journal.beginSubmit(actionId);
  bench.journal.recordOutcome(actionId, { kind: "evm", txHash: new Uint8Array(32).fill(9) });
  assert.equal(bench.journal.events.get(eventRow).state, "executed");
  bench.journal.endAction(actionId, { state: "final" });
  assert.equal(bench.journal.submissions.get(submissionId).state, "final");
  assert.equal(bench.journal.events.get(eventRow).state, "final");
  assert.deepEqual(
    bench.changes.filter((change) => change.subject === "action").map((change) => change.state),
    ["pending", "submitting", "submitted", "final"],
  );
});

Deno.test("an action that failed for good makes its event a dead letter that says why", () => {
  using bench = openJournal();
  const { eventRow, actionId } = acting(bench);
  bench.journal.endAction(actionId, { state: "dead", reason: "the handler reverted" });
  const event = bench.journal.events.get(eventRow);
  assert.deepEqual([event.state, event.reason], ["dead", "the handler reverted"]);
});

Deno.test("a timer is not due before its delay and may decide on more", () => {
  using bench = openJournal();
  const { submissionId } = executed(bench);
  bench.journal.recordSignature(submissionId, { signer: "0x01", bytes: new Uint8Array(65) });
  bench.journal.recordQuorum(submissionId);
  bench.journal.recordActions(submissionId, [{ kind: "timer", delaySeconds: 5n }]);
  assert.equal(bench.journal.actions.due(bench.nowMs + 4_999, 10, []).length, 0);
  assert.equal(bench.journal.actions.nextDueAt(bench.nowMs), bench.nowMs + 5_000);
  bench.nowMs += 5_000;
  const [timer] = bench.journal.actions.due(bench.nowMs, 10, []);
  assert.ok(timer);
  bench.journal.endAction(timer.id, { state: "final", next: [TARGET] });
  assert.equal(bench.journal.submissions.get(submissionId).state, "submitting");
  assert.deepEqual(bench.journal.actions.due(bench.nowMs, 10, []).map(({ action }) => action), [TARGET]);
});

Deno.test("a reorg withdraws what is not signed yet and only reports what is", () => {
  using bench = openJournal();
  bench.journal.recordBatch(
    batch([detected("unsigned"), detected("elsewhere", { block: { chain: CHAIN, number: 8n, hash: hash(8) } })]),
  );
  const { submissionId } = executedNext(bench, "signed");
  bench.journal.recordSignature(submissionId, { signer: "0x01", bytes: new Uint8Array(65) });
  const result = bench.journal.recordBatch(batch([], { orphanedBlocks: [{ chain: CHAIN, hash: hash(7) }] }));
  assert.deepEqual([result.orphaned, result.orphanedTooLate], [1, 1]);
  assert.deepEqual([1, 2, 3].map((id) => bench.journal.events.get(id).state), ["orphaned", "detected", "executed"]);
});

function executedNext(bench: Bench, identity: string): { readonly submissionId: number } {
  const [eventRow] = bench.journal.recordEvents([detected(identity)]);
  assert.ok(eventRow);
  bench.journal.beginExecution(eventRow);
  bench.journal.recordResponses(eventRow, [{ eventId: EVENT_ID, response: RESPONSE }]);
  const [submission] = bench.journal.submissions.due(bench.nowMs, 10, []);
  assert.ok(submission);
  return { submissionId: submission.id };
}

Deno.test("a result that arrives after a reorg withdrew its event is not recorded", () => {
  using bench = openJournal();
  bench.journal.recordBatch(batch([detected("a")]));
  bench.journal.beginExecution(1);
  bench.journal.recordBatch(batch([], { orphanedBlocks: [{ chain: CHAIN, hash: hash(7) }] }));
  assert.throws(
    () => bench.journal.recordResponses(1, [{ eventId: EVENT_ID, response: RESPONSE }]),
    (error) => isWavsError(error, "journal_conflict"),
  );
  assert.equal(bench.journal.events.get(1).state, "orphaned");
  assert.equal(bench.journal.submissions.due(bench.nowMs, 10, []).length, 0);
});

Deno.test("a block that comes back brings its withdrawn events back, once", () => {
  using bench = openJournal();
  const { eventRow } = executed(bench);
  bench.journal.recordBatch(batch([], { orphanedBlocks: [{ chain: CHAIN, hash: hash(7) }] }));
  assert.equal(bench.journal.events.get(eventRow).state, "orphaned");
  assert.equal(bench.journal.recordBatch(batch([detected("a")])).inserted, 1);
  assert.equal(bench.journal.recordBatch(batch([detected("a")])).inserted, 0);
  bench.journal.beginExecution(eventRow);
  bench.journal.recordResponses(eventRow, [{ eventId: EVENT_ID, response: RESPONSE }]);
  assert.equal(bench.journal.submissions.due(bench.nowMs, 10, []).length, 1);
});

Deno.test("a later URI change takes the place of one that still waits", () => {
  using bench = openJournal();
  const change = (identity: string, uri: string) => ({
    serviceId: SERVICE,
    chain: CHAIN,
    managerAddress: "0x01" as EvmAddress,
    uri,
    blockNumber: 9n,
    identity: identity as TriggerIdentity,
  });
  bench.journal.recordBatch(batch([], { uriChanges: [change("1", "http://one")] }));
  bench.journal.recordBatch(batch([], { uriChanges: [change("1", "http://one"), change("2", "http://two")] }));
  assert.deepEqual(bench.journal.uriChanges.due(bench.nowMs).map(({ uri }) => uri), ["http://two"]);
});

Deno.test("failures are counted until the step they belong to succeeds", () => {
  using bench = openJournal();
  bench.journal.recordBatch(batch([detected("a")]));
  for (const attempts of [1, 2]) {
    bench.journal.beginExecution(1);
    bench.journal.retryExecution(1, "down", bench.nowMs);
    assert.equal(bench.journal.events.get(1).attempts, attempts);
  }
  bench.journal.beginExecution(1);
  bench.journal.recordResponses(1, [{ eventId: EVENT_ID, response: RESPONSE }]);
  bench.journal.retrySubmission(1, "down", bench.nowMs);
  assert.equal(bench.journal.submissions.get(1).attempts, 1);
  bench.journal.recordSignature(1, { signer: "0x01", bytes: new Uint8Array(65) });
  assert.equal(bench.journal.submissions.get(1).attempts, 0);
});

Deno.test("a timer of any length a component can name is stored", () => {
  using bench = openJournal();
  const { submissionId } = executed(bench);
  bench.journal.recordSignature(submissionId, { signer: "0x01", bytes: new Uint8Array(65) });
  bench.journal.recordQuorum(submissionId);
  bench.journal.recordActions(submissionId, [{ kind: "timer", delaySeconds: 2n ** 64n - 1n }]);
  assert.equal(bench.journal.actions.ofSubmission(submissionId).length, 1);
  assert.equal(bench.journal.actions.nextDueAt(bench.nowMs), bench.nowMs + MAX_TIMER_SECONDS * 1_000);
});
