import assert from "node:assert/strict";
import type { Cursor, DetectedEvent } from "@/triggers/types.ts";
import { blockOf } from "@tests/support/hypercore/blocks.ts";
import { startDht } from "@tests/support/hypercore/dht.ts";
import { feedRegistry, followFeed } from "@tests/support/hypercore/follow.ts";
import { FeedWriter } from "@tests/support/hypercore/writer.ts";
import { until } from "@tests/support/until.ts";

const SIZE = 100;

/** Every block from `start` on, in order, byte by byte. */
function assertBlocks(events: readonly DetectedEvent[], start: number, size = SIZE): void {
  for (const [offset, { data }] of events.entries()) {
    assert.equal(data.kind, "HypercoreAppend");
    assert.equal(data.index, BigInt(start + offset), "blocks come in order");
    assert.deepEqual(data.data, blockOf(start + offset, size), `block ${start + offset}`);
  }
}

async function directory(stack: AsyncDisposableStack): Promise<string> {
  const path = await Deno.makeTempDir({ prefix: "wavs-test-feed-" });
  stack.defer(() => Deno.remove(path, { recursive: true }));
  return path;
}

Deno.test("whoever joins gets the whole feed in order, then every append", async () => {
  await using stack = new AsyncDisposableStack();
  const { address: bootstrap } = stack.use(await startDht());
  const writer = stack.use(await FeedWriter.start({ directory: await directory(stack), bootstrap }));
  await writer.fill(1_000, SIZE);
  const { collector, source } = stack.use(
    followFeed({ feedKey: writer.state.key, directory: await directory(stack), bootstrap }),
  );
  await collector.expectEvents(1_000);
  for (let index = 1_000; index < 1_010; index++) {
    await writer.append(blockOf(index, SIZE));
    await collector.expectEvents(index + 1);
  }
  assertBlocks(collector.events, 0);
  assert.deepEqual(source.streams(), [{ feedKey: writer.state.key, state: "connected" }]);
  assert.deepEqual(source.health().blocks, { head: 1_009n, delivered: 1_009n });
});

Deno.test("a feed goes on where its cursor stands, with what was appended meanwhile, though its files are gone", async () => {
  await using stack = new AsyncDisposableStack();
  const { address: bootstrap } = stack.use(await startDht());
  const writer = stack.use(await FeedWriter.start({ directory: await directory(stack), bootstrap }));
  await writer.fill(20, SIZE);
  const feedKey = writer.state.key;
  const kept = await directory(stack);
  let from: Cursor | undefined;
  {
    await using first = followFeed({ feedKey, directory: kept, bootstrap });
    await first.collector.expectEvents(20);
    from = first.collector.cursor;
  }
  await writer.fill(20, SIZE);
  {
    await using second = followFeed({ feedKey, directory: kept, bootstrap, from });
    await second.collector.expectEvents(20);
    assertBlocks(second.collector.events, 20);
    from = second.collector.cursor;
  }
  await Deno.remove(kept, { recursive: true });
  await writer.fill(20, SIZE);
  await using third = followFeed({ feedKey, directory: kept, bootstrap, from });
  await third.collector.expectEvents(20);
  assertBlocks(third.collector.events, 40);
});

Deno.test("a download that the writer's death cut short goes on when the writer is back, elsewhere", async () => {
  const size = 64 * 1024;
  await using stack = new AsyncDisposableStack();
  const { address: bootstrap } = stack.use(await startDht());
  const written = await directory(stack);
  const first = stack.use(await FeedWriter.start({ directory: written, bootstrap }));
  await first.fill(400, size);
  const { collector, source } = stack.use(
    followFeed({ feedKey: first.state.key, directory: await directory(stack), bootstrap }),
  );
  await collector.until("some blocks came", () => collector.events.length >= 50);
  await first.kill();
  assert.ok(collector.events.length < 400, "the download was not over");
  await until("the loss is noticed", () => !source.health().connected);
  const second = stack.use(await FeedWriter.start({ directory: written, bootstrap }));
  await second.fill(10, size);
  await collector.expectEvents(410);
  assertBlocks(collector.events, 0, size);
  assert.equal(source.health().connected, true);
});

Deno.test("a workflow that comes later gets the whole feed, the one before it nothing twice, and without any the feed is left", async () => {
  await using stack = new AsyncDisposableStack();
  const { address: bootstrap } = stack.use(await startDht());
  const writer = stack.use(await FeedWriter.start({ directory: await directory(stack), bootstrap }));
  await writer.fill(30, SIZE);
  const feedKey = writer.state.key;
  const { collector, source } = stack.use(followFeed({ feedKey, directory: await directory(stack), bootstrap }));
  await collector.expectEvents(30);

  await source.watch(feedRegistry(feedKey, [1, 2], 2));
  await collector.until("the second has all", () => collector.events.length === 60);
  assertBlocks(collector.events.slice(30), 0);
  assert.equal(new Set(collector.events.slice(30).map(({ serviceId }) => serviceId)).size, 1);
  await writer.append(blockOf(30, SIZE));
  await collector.until("both have the next", () => collector.events.length === 62);

  await source.watch(feedRegistry(feedKey, [], 3));
  await until("the feed is left", () => !source.health().connected);
  assert.deepEqual(source.streams(), []);
  await writer.append(blockOf(31, SIZE));
  await source.watch(feedRegistry(feedKey, [2], 4));
  await collector.until("it has all again", () => collector.events.length === 62 + 32);
  assertBlocks(collector.events.slice(62), 0);
});
