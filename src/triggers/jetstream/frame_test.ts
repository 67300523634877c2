import assert from "node:assert/strict";
import { jsonMap, parseJson } from "@/domain/json/mod.ts";
import { describeError, isWavsError } from "@/domain/errors.ts";
import { readFrame } from "./frame.ts";
import { MAX_OPERATIONS } from "./limits.ts";

const FRAMES = new URL("../../../tests/fixtures/jetstream/frames.jsonl", import.meta.url);
const MAX_CHARS = 1_048_576;

function read(frame: unknown) {
  return readFrame(typeof frame === "string" ? frame : JSON.stringify(frame), MAX_CHARS);
}

function only(frame: unknown) {
  const { events } = read(frame);
  assert.equal(events.length, 1);
  return events[0]!;
}

Deno.test("every frame a real server sent is read, with what it says", async () => {
  const lines = (await Deno.readTextFile(FRAMES)).trim().split("\n");
  assert.ok(lines.length > 150);
  for (const line of lines) {
    const frame = JSON.parse(line);
    const event = only(line);
    assert.equal(event.repo, frame.did, line);
    assert.equal(event.timestamp, BigInt(frame.time_us), line);
    assert.equal(event.sequence, 0n, line);
    if (frame.kind !== "commit") continue;
    const { collection, rkey, operation, cid, rev, record } = frame.commit;
    assert.deepEqual(
      [event.collection, event.rkey, event.action, event.cid, event.rev, event.opIndex],
      [collection, rkey, operation, cid, rev, undefined],
      line,
    );
    assert.equal(event.record === undefined, record === undefined, line);
  }
});

Deno.test("a record keeps the difference between 1 and 1.0, and its keys come in byte order", () => {
  const { record } = only(
    '{"did":"did:plc:a","time_us":5,"kind":"commit","commit":{"rev":"r","operation":"create","collection":"a.b.c",' +
      '"rkey":"k","record":{"z":1,"\\ud83d\\ude00":18446744073709551615,"\\uff61":1.0,"a":{"y":-1,"x":null}},"cid":"c"}}',
  );
  const inner = jsonMap([["x", null], ["y", -1n]]);
  assert.deepEqual(
    [...record as ReadonlyMap<string, unknown>],
    [["a", inner], ["z", 1n], ["\uff61", 1], ["\u{1f600}", 18446744073709551615n]],
  );
});

Deno.test("names other servers use are understood, and a sequence number is taken over", () => {
  const event = only({
    repo: "did:plc:a",
    timeUs: 7,
    type: "commit",
    seq: 42,
    commit: { rev: "r", collection: "a.b.c", rkey: "k" },
  });
  assert.deepEqual([event.sequence, event.timestamp, event.repo, event.action], [42n, 7n, "did:plc:a", "update"]);
  assert.deepEqual([event.cid, event.record], [undefined, undefined]);
});

for (const key of ["operations", "ops"]) {
  Deno.test(`a commit with "${key}" fires once for each, with its place among them`, () => {
    const { events } = read({
      did: "did:plc:a",
      time_us: 1,
      kind: "commit",
      commit: {
        rev: "r",
        [key]: [
          { action: "create", path: "a.b.c/one", cid: "c1", record: { n: 1 } },
          { action: "delete", path: "a.b.d/two" },
          { path: "a.b.e/three", cid: "c3", record: null },
        ],
      },
    });
    assert.deepEqual(
      events.map(({ collection, rkey, action, cid, record, rev, opIndex }) => ({
        at: `${collection}/${rkey}`,
        action,
        cid,
        record,
        rev,
        opIndex,
      })),
      [
        { at: "a.b.c/one", action: "create", cid: "c1", record: parseJson('{"n":1}'), rev: "r", opIndex: 0 },
        { at: "a.b.d/two", action: "delete", cid: undefined, record: undefined, rev: "r", opIndex: 1 },
        { at: "a.b.e/three", action: "update", cid: "c3", record: undefined, rev: "r", opIndex: 2 },
      ],
    );
  });
}

Deno.test("a nested operation takes its action from the commit, or says it itself", () => {
  const frame = (commit: object) => ({ did: "did:plc:a", time_us: 1, kind: "commit", commit });
  const operation = { action: "delete", collection: "a.b.c", rkey: "k", cid: "c", record: { n: 1 } };
  assert.equal(only(frame({ rev: "r", operation })).action, "delete");
  const event = only(frame({ rev: "r", action: "create", operation }));
  assert.deepEqual(
    [event.action, event.collection, event.rkey, event.cid, event.rev, event.opIndex],
    ["create", "a.b.c", "k", "c", "r", undefined],
  );
});

Deno.test("identities and accounts are events of collections of their own", () => {
  const identity = only({
    did: "did:plc:a",
    time_us: 1,
    kind: "identity",
    identity: { did: "did:plc:a", handle: "alice.test", seq: 9, time: "2026-01-01T00:00:00Z" },
  });
  assert.deepEqual([identity.collection, identity.rkey, identity.action], ["identity", "alice.test", "update"]);
  assert.deepEqual(identity.record, parseJson('{"handle":"alice.test","seq":9,"time":"2026-01-01T00:00:00Z"}'));
  const account = (active: boolean) =>
    only({ did: "did:plc:a", time_us: 1, kind: "account", account: { active, seq: 3, time: "t", did: "did:plc:a" } });
  assert.deepEqual([account(true).action, account(false).action], ["update", "delete"]);
  assert.deepEqual([account(true).collection, account(true).rkey], ["account", "status"]);
  assert.deepEqual(account(true).record, parseJson('{"active":true,"seq":3,"status":null,"time":"t"}'));
});

Deno.test("kinds that fire nothing are read for their time", () => {
  assert.deepEqual(read({ did: "did:plc:a", time_us: 12, kind: "sync" }), { timeUs: 12n, events: [] });
});

const COMMIT = { rev: "r", operation: "create", collection: "a.b.c", rkey: "k" };
for (
  const [what, frame, reason] of [
    ["no JSON", '{"did":', /JSON/],
    ["a list", "[]", /no object/],
    ["no time", { did: "d", kind: "commit", commit: COMMIT }, /"time_us"/],
    ["a time that is no integer", '{"did":"d","time_us":1.5,"kind":"commit"}', /"time_us"/],
    ["a time beyond 64 bits", '{"did":"d","time_us":9223372036854775808,"kind":"commit"}', /"time_us"/],
    ["no repository", { time_us: 1, kind: "commit", commit: COMMIT }, /"did"/],
    ["no commit", { did: "d", time_us: 1, kind: "commit" }, /"commit"/],
    ["no collection", { did: "d", time_us: 1, kind: "commit", commit: { rkey: "k" } }, /"collection"/],
    ["an unknown action", { did: "d", time_us: 1, kind: "commit", commit: { ...COMMIT, operation: "burn" } }, /"burn"/],
    ["a name without end", { did: "d".repeat(5_000), time_us: 1, kind: "commit", commit: COMMIT }, /too long/],
    ["a path in pieces", { did: "d", time_us: 1, kind: "commit", commit: { ops: [{ path: "a/b/c" }] } }, /path/],
    ["operations without end", {
      did: "d",
      time_us: 1,
      kind: "commit",
      commit: { ops: Array(MAX_OPERATIONS + 1).fill({ path: "a/b" }) },
    }, /1001 operations/],
    ["depth without end", `{"did":"d","time_us":1,"kind":"x","y":${"[".repeat(1_000)}`, /JSON/],
    ["a length over the limit", " ".repeat(MAX_CHARS + 1), /1048576/],
  ] as const
) {
  Deno.test(`a frame with ${what} is refused with the reason`, () => {
    assert.throws(() => read(frame), (error: unknown) => {
      assert.ok(isWavsError(error, "jetstream_frame_invalid") || isWavsError(error, "invalid_json"));
      assert.match(describeError(error), reason);
      return true;
    });
  });
}
