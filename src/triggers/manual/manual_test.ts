import assert from "node:assert/strict";
import { parseServiceId, parseWorkflowId, WavsError } from "@/domain/mod.ts";
import { MAX_MANUAL_EVENTS } from "../limits.ts";
import { manualEvents, type ManualTrigger } from "./manual.ts";

const REQUEST: ManualTrigger = {
  serviceId: parseServiceId("11".repeat(32)),
  workflowId: parseWorkflowId("default"),
  trigger: { kind: "manual" },
  data: { kind: "Raw", data: new Uint8Array([1, 2]) },
  count: 3,
  nonce: "first",
  detectedAtMs: 1_700_000_000_000,
};

Deno.test("a manual trigger fires as often as asked for, each time as an event of its own", () => {
  const events = manualEvents(REQUEST);
  assert.equal(events.length, 3);
  assert.equal(new Set(events.map(({ identity }) => identity)).size, 3);
  assert.deepEqual(events[0]?.data, REQUEST.data);
});

Deno.test("two manual requests share no identity", () => {
  const identities = [REQUEST, { ...REQUEST, nonce: "second" }].flatMap(manualEvents).map(({ identity }) => identity);
  assert.equal(new Set(identities).size, 6);
});

Deno.test("a manual request that asks for too much is refused", () => {
  const act = () => manualEvents({ ...REQUEST, count: MAX_MANUAL_EVENTS + 1 });
  assert.throws(act, (error) => error instanceof WavsError && error.code === "too_many_manual_triggers");
});
