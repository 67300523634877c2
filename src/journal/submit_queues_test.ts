import assert from "node:assert/strict";
import { type ChainKey, type EventId, parseEventId, parseEvmAddress, parseServiceId } from "@/domain/mod.ts";
import { openDatabase } from "@/storage/mod.ts";
import type { TriggerIdentity } from "@/triggers/types.ts";
import { Journal } from "./journal.ts";

const SERVICE = parseServiceId("76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11");
const EVENT = parseEventId(`0x${"a2".repeat(20)}`);
const OTHER_EVENT = parseEventId(`0x${"a3".repeat(20)}`);
const HANDLER = "de";
const OUTCOME = { kind: "evm", txHash: new Uint8Array(32) } as const;

interface Aim {
  readonly eventId?: EventId;
  readonly chain?: string;
  readonly handler?: string;
  readonly gasPrice?: bigint;
}

function openBench(path = ":memory:") {
  const database = openDatabase({ path, durability: "process" });
  const time = { nowMs: 1_000 };
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs, sleep: () => Promise.resolve() };
  const journal = new Journal({ database, clock });
  let triggers = 0;
  /** The action of a trigger of its own that is to bring its event to a handler. */
  const action = ({ eventId = EVENT, chain = "evm:1", handler = HANDLER, gasPrice }: Aim = {}): number => {
    const [eventRow] = journal.recordEvents([{
      serviceId: SERVICE,
      workflowId: "default" as never,
      trigger: { kind: "manual" },
      data: { kind: "Raw", data: new Uint8Array() },
      identity: `${triggers++}` as TriggerIdentity,
      block: undefined,
      detectedAtMs: time.nowMs,
    }]);
    assert.ok(eventRow !== undefined);
    journal.beginExecution(eventRow);
    const response = { payload: new Uint8Array(), ordering: undefined, eventIdSalt: undefined };
    journal.recordResponses(eventRow, [{ eventId, response }]);
    const [submission] = journal.submissions.ofEvent(eventRow);
    assert.ok(submission);
    journal.recordSignature(submission.id, { signer: "0x01", bytes: new Uint8Array(65) });
    journal.recordQuorum(submission.id);
    const address = parseEvmAddress(`0x${handler.repeat(20)}`);
    const target = { kind: "evm", chain: chain as ChainKey, address, gasPrice } as const;
    journal.recordActions(submission.id, [{ kind: "submit", target }]);
    const [row] = journal.actions.ofSubmission(submission.id);
    assert.ok(row);
    return row.id;
  };
  return { journal, time, action, [Symbol.dispose]: () => database[Symbol.dispose]() };
}

Deno.test("of the actions that bring one event to one handler one does, whatever gas price they name", () => {
  using bench = openBench();
  const [first, second] = [bench.action(), bench.action({ gasPrice: 5n })];
  assert.equal(bench.journal.beginSubmit(first), "entered");
  assert.equal(bench.journal.beginSubmit(second), "busy");
  assert.equal(bench.journal.actions.get(second).state, "pending", "it has not begun");
  assert.equal(bench.journal.beginSubmit(first), "entered", "begun again it has its queue still");
  bench.journal.recordOutcome(first, OUTCOME);
  assert.equal(bench.journal.beginSubmit(second), "burned");
  bench.journal.endAction(first, { state: "final" });
  assert.equal(bench.journal.beginSubmit(second), "burned");
});

Deno.test("other events, chains and handlers have queues of their own", () => {
  using bench = openBench();
  for (const aim of [{}, { eventId: OTHER_EVENT }, { chain: "evm:2" }, { handler: "df" }]) {
    assert.equal(bench.journal.beginSubmit(bench.action(aim)), "entered", JSON.stringify(aim));
  }
});

Deno.test("an action that ends without success leaves its queue to the next", () => {
  using bench = openBench();
  const [first, second] = [bench.action(), bench.action()];
  bench.journal.beginSubmit(first);
  bench.journal.endAction(second, { state: "dead", reason: "it never had the queue" });
  assert.equal(bench.journal.beginSubmit(bench.action()), "busy");
  bench.journal.endAction(first, { state: "dead", reason: "the handler reverted" });
  assert.equal(bench.journal.beginSubmit(bench.action()), "entered");
});

Deno.test("who has a queue, and what is burned, survives the process", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const [holder, waiting, late] = (() => {
      using bench = openBench(`${directory}/db`);
      const actions = [bench.action(), bench.action(), bench.action({ eventId: OTHER_EVENT })] as const;
      bench.journal.beginSubmit(actions[0]);
      const brought = bench.action({ eventId: OTHER_EVENT });
      bench.journal.beginSubmit(brought);
      bench.journal.recordOutcome(brought, OUTCOME);
      return actions;
    })();
    using bench = openBench(`${directory}/db`);
    assert.deepEqual([holder, waiting, late].map((id) => bench.journal.beginSubmit(id)), ["entered", "busy", "burned"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("only what was burned is swept, once it is old", () => {
  using bench = openBench();
  const [underWay, brought] = [bench.action(), bench.action({ eventId: OTHER_EVENT })];
  for (const id of [underWay, brought]) bench.journal.beginSubmit(id);
  bench.time.nowMs = 2_000;
  bench.journal.recordOutcome(brought, OUTCOME);
  assert.equal(bench.journal.submitQueues.sweep(2_000), 0);
  assert.equal(bench.journal.submitQueues.sweep(2_001), 1);
  assert.equal(bench.journal.beginSubmit(bench.action()), "busy");
  assert.equal(bench.journal.beginSubmit(bench.action({ eventId: OTHER_EVENT })), "entered");
});
