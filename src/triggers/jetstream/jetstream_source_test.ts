import assert from "node:assert/strict";
import { type TestContext, testContext } from "@/chains/evm/testing/context.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import { registryOf } from "../evm/testing/registry.ts";
import { poll } from "../evm/testing/follow.ts";
import { Collector } from "../testing/collector.ts";
import type { Cursor, TriggerSource } from "../types.ts";
import { createJetstreamSource } from "./jetstream_source.ts";
import { MAX_BAD_FRAMES, MAX_WAITING_EVENTS, REWIND_US } from "./limits.ts";
import { decodeCursor, encodeCursor } from "./position.ts";
import { ALICE, BOB, post, POSTS, serviceWith, trigger, watched } from "./testing/frames.ts";
import { JetstreamServer } from "./testing/jetstream_server.ts";

interface Followed extends AsyncDisposable {
  readonly source: TriggerSource;
  readonly collector: Collector;
  readonly context: TestContext;
}

interface FollowOptions {
  readonly registry?: RegistrySnapshot;
  readonly from?: Cursor;
  readonly maxMessageBytes?: number;
  readonly speed?: number;
}

async function follow(endpoints: readonly string[], options: FollowOptions = {}): Promise<Followed> {
  const { registry = watched(trigger()), from, maxMessageBytes = 1_048_576, speed = 20 } = options;
  const context = testContext(speed);
  const source = createJetstreamSource({ endpoints, maxMessageBytes }, { context });
  const watching = source.watch(registry);
  const collector = new Collector(source, from);
  await watching;
  return { source, collector, context, [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose]() };
}

function distinct({ events }: Collector): number {
  return new Set(events.map(({ identity, workflowId }) => `${identity}/${workflowId}`)).size;
}

function warnings({ records }: TestContext): readonly string[] {
  return records.filter(({ level }) => level === "warn").map(({ message, fields }) =>
    `${message} ${JSON.stringify(fields, (_key, value) => typeof value === "bigint" ? String(value) : value)}`
  );
}

Deno.test("the server is asked for what is watched, from a little before the position on", async () => {
  await using server = new JetstreamServer();
  const timeUs = BigInt(server.nowUs()) - 60_000_000n;
  const registry = watched(trigger({ repoDid: ALICE }), trigger({ collection: "app.bsky.graph.*", repoDid: BOB }));
  await using _followed = await follow([server.url], { registry, from: encodeCursor({ timeUs, begins: new Map() }) });
  await poll(() => server.filters.length > 0);
  assert.deepEqual(server.filters, [{
    wantedCollections: [POSTS, "app.bsky.graph.*"].sort(),
    wantedDids: [ALICE, BOB],
  }]);
  const [query] = server.queries;
  assert.equal(query?.get("cursor"), String(timeUs - REWIND_US));
  assert.equal(query?.get("maxMessageSizeBytes"), "1048576");
});

Deno.test("what the server sends besides is not taken", async () => {
  await using server = new JetstreamServer();
  await using followed = await follow([server.url], {
    registry: watched(trigger({ repoDid: ALICE, action: "create" })),
  });
  await poll(() => server.filters.length > 0);
  const frame = (did: string, commit: object) =>
    server.say(JSON.stringify({ did, time_us: server.nowUs(), kind: "commit", commit }));
  const commit = { rev: "r", operation: "create", collection: POSTS, rkey: "k", cid: "c", record: {} };
  frame(BOB, commit);
  frame(ALICE, { ...commit, operation: "delete" });
  frame(ALICE, { ...commit, collection: "app.bsky.feed.like" });
  frame(ALICE, commit);
  await followed.collector.expectEvents(1);
  assert.equal(followed.collector.events[0]?.identity, `atproto/${ALICE}/${POSTS}/k/create/r/`);
});

Deno.test("a server that sends faster than events are stored is left, and loses none by it", async () => {
  await using server = new JetstreamServer();
  await using followed = await follow([server.url]);
  await poll(() => server.filters.length > 0);
  const release = followed.collector.hold();
  const count = 2 * MAX_WAITING_EVENTS + 17;
  for (let number = 0; number < count; number++) server.emit(post(number));
  await poll(() => server.connections === 0);
  release();
  const last = `post-${count - 1}`;
  await followed.collector.until("the last is there", () => {
    const data = followed.collector.batches.at(-1)?.events.at(-1)?.data;
    return data?.kind === "AtProtoEvent" && data.rkey === last;
  });
  assert.equal(distinct(followed.collector), count);
  assert.ok(followed.collector.batches.every(({ events }) => events.length <= 500));
});

Deno.test("a position is never beyond what is handed over", async () => {
  await using server = new JetstreamServer();
  await using followed = await follow([server.url]);
  await poll(() => server.filters.length > 0);
  for (let number = 0; number < 1_200; number++) server.emit(post(number));
  await followed.collector.expectEvents(1_200);
  const { batches } = followed.collector;
  const times = batches.map(({ events }) =>
    events.map(({ data }) => data.kind === "AtProtoEvent" ? data.timestamp : 0n)
  );
  for (const [index, { cursor }] of batches.entries()) {
    const { timeUs } = decodeCursor(cursor);
    for (const later of times.slice(index + 1).flat()) assert.ok(later > timeUs, `batch ${index}`);
  }
});

Deno.test("a message over the limit is left out with a warning, the next one is taken", async () => {
  await using server = new JetstreamServer();
  await using followed = await follow([server.url], { maxMessageBytes: 2_000 });
  await poll(() => server.filters.length > 0);
  const { did, kind, commit } = post(1);
  server.emit({ did, kind, commit: { ...commit as object, record: { text: "x".repeat(3_000) } } });
  server.emit(post(2));
  await followed.collector.expectEvents(1);
  assert.match(warnings(followed.context).join(), /Message of a Jetstream server left out .*at most 2000/);
});

Deno.test("a server that talks nonsense is left for the next one", async () => {
  await using babbler = new JetstreamServer();
  await using server = new JetstreamServer();
  await using followed = await follow([babbler.url, server.url]);
  await poll(() => babbler.filters.length > 0);
  for (let number = 0; number < MAX_BAD_FRAMES; number++) babbler.say(`nonsense ${number}`);
  await poll(() => server.filters.length > 0);
  server.emit(post(1));
  await followed.collector.expectEvents(1);
  assert.match(warnings(followed.context).join(), new RegExp(`${MAX_BAD_FRAMES} messages in a row are no use`));
});

Deno.test("a server that sends bytes instead of text is left", async () => {
  await using server = new JetstreamServer();
  await using followed = await follow([server.url]);
  await poll(() => server.filters.length > 0);
  server.say(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]));
  await poll(() => server.filters.length > 1);
  assert.match(warnings(followed.context).join(), /something else than text/);
});

Deno.test("a server that is silent for too long is connected to anew, more and more patiently", async () => {
  await using server = new JetstreamServer();
  // Clocks that run fast: a minute of silence is 60 ms.
  const context = testContext(1_000);
  const clock = { ...context.clock, monotonic: () => context.clock.monotonic() * 1_000 };
  const source = createJetstreamSource({ endpoints: [server.url], maxMessageBytes: 0 }, {
    context: { ...context, clock },
  });
  void source.watch(watched(trigger()));
  await using collector = new Collector(source);
  await poll(() => server.queries.length >= 3);
  server.emit(post(1));
  await collector.until("the event came", () => distinct(collector) === 1);
  assert.equal(server.queries[0]?.has("maxMessageSizeBytes"), false);
});

for (const skewMs of [-3_000, 3_000, 600_000]) {
  Deno.test(`a server whose clock is off by ${skewMs} ms loses nothing over a lost connection`, async () => {
    await using server = new JetstreamServer({ skewMs });
    await using followed = await follow([server.url]);
    await poll(() => server.filters.length > 0);
    server.emit(post(1));
    await followed.collector.until("the first came", () => distinct(followed.collector) === 1);
    await server.stop();
    server.emit(post(2));
    server.start();
    server.emit(post(3));
    await followed.collector.until("all came", () => distinct(followed.collector) >= 3);
    assert.equal(distinct(followed.collector), 3);
  });
}

Deno.test("services come and go while no server answers, and what they missed meanwhile is made up for", async () => {
  await using server = new JetstreamServer();
  server.refusal = 503;
  await using followed = await follow([server.url]);
  await followed.source.watch(registryOf([serviceWith(1, trigger()), serviceWith(2, trigger({ repoDid: BOB }))], 2));
  await poll(() => followed.source.health().lastError !== undefined);
  const { connected, lastError } = followed.source.health();
  assert.equal(connected, false);
  assert.match(String(lastError), /Cannot read events from "ws:\/\/127\.0\.0\.1:\d+\/…"/);
  server.emit(post(1, BOB));
  server.refusal = undefined;
  await followed.collector.expectEvents(2);
  assert.equal(followed.source.health().lastError, undefined);
});

Deno.test("a stop longer than servers keep events is told", async () => {
  await using server = new JetstreamServer();
  const timeUs = BigInt(server.nowUs()) - 3n * 86_400_000_000n;
  await using followed = await follow([server.url], { from: encodeCursor({ timeUs, begins: new Map() }) });
  assert.match(warnings(followed.context).join(), /Events may be missing/);
});

Deno.test("nobody watching means no connection", async () => {
  await using server = new JetstreamServer();
  await using followed = await follow([server.url]);
  await poll(() => server.connections === 1);
  await followed.source.watch(registryOf([], 2));
  await poll(() => server.connections === 0);
  assert.equal(followed.source.health().connected, false);
});
