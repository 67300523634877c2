import assert from "node:assert/strict";
import type { CallRecord } from "@tests/support/call_records.ts";
import type { WorldFunction } from "./functions.ts";
import { findTests } from "./rows.ts";

const NOW: WorldFunction = { key: "clock#now", world: "both", group: "clock", name: "now" };
const RESOLUTION: WorldFunction = { key: "clock#resolution", world: "both", group: "clock", name: "resolution" };
const POLL: WorldFunction = { key: "io#poll", world: "both", group: "io", name: "poll" };

function record(title: string, ...functions: string[]): CallRecord {
  return { file: "a_test.ts", title, functions };
}

const BROAD = record("everything", NOW.key, POLL.key);
const FOCUSED = record("the time", NOW.key, RESOLUTION.key);

Deno.test("a function gets the test that is most about its interface", () => {
  const [now, resolution, poll] = findTests([NOW, RESOLUTION, POLL], [BROAD, FOCUSED], new Map());
  assert.deepEqual([now?.test?.title, resolution?.test?.title, poll?.test?.title], [
    "the time",
    "the time",
    "everything",
  ]);
});

Deno.test("what the table says stays while it is true", () => {
  const named = { file: BROAD.file, title: "everything" };
  const [kept] = findTests([NOW], [BROAD, FOCUSED], new Map([[NOW.key, named]]));
  assert.equal(kept?.test, named);
  const [replaced] = findTests([NOW], [record("everything", POLL.key), FOCUSED], new Map([[NOW.key, named]]));
  assert.equal(replaced?.test?.title, "the time");
});

Deno.test("a function that no test calls has no test", () => {
  assert.deepEqual(findTests([POLL], [FOCUSED], new Map()), [{ function: POLL, test: undefined }]);
});

Deno.test("the engines of one test count as one", () => {
  const records = [record("twice", NOW.key), record("twice", POLL.key), record("once", NOW.key, RESOLUTION.key)];
  const [now] = findTests([NOW, RESOLUTION, POLL], records, new Map());
  assert.equal(now?.test?.title, "once", "half of the other one's calls are elsewhere");
});
