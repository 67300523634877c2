import assert from "node:assert/strict";
import type { DetectedEvent } from "@/triggers/types.ts";
import { announceFeed } from "@tests/support/hypercore/announcer.ts";
import { blockOf } from "@tests/support/hypercore/blocks.ts";
import { startDht } from "@tests/support/hypercore/dht.ts";
import { followFeed } from "@tests/support/hypercore/follow.ts";
import { FeedWriter } from "@tests/support/hypercore/writer.ts";
import { buildRust } from "@tests/support/rust_oracle.ts";
import { until } from "@tests/support/until.ts";

const SIZE = 1_000;
const RESTARTS = 3;

const built = await buildRust("feed_writer");
if ("absent" in built) {
  const why = `SKIPPED: no feed of the crate "hypercore" is followed because ${built.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

/** Every block from the first on, in order, byte by byte. */
function assertBlocks(events: readonly DetectedEvent[]): void {
  for (const [index, { data }] of events.entries()) {
    assert.ok(data.kind === "HypercoreAppend");
    assert.equal(data.index, BigInt(index), "blocks come in order");
    assert.deepEqual(data.data, blockOf(index, SIZE), `block ${index}`);
  }
}

Deno.test({
  name:
    `a feed of the crates "hypercore" and "hypercore-protocol" is followed through ${RESTARTS} deaths of its writer`,
  ignore: "absent" in built,
  fn: async () => {
    assert.ok("path" in built);
    const { path } = built;
    await using stack = new AsyncDisposableStack();
    const temporary = async () => {
      const directory = await Deno.makeTempDir({ prefix: "wavs-test-feed-" });
      stack.defer(() => Deno.remove(directory, { recursive: true }));
      return directory;
    };
    const { address: bootstrap } = stack.use(await startDht());
    const written = await temporary();
    const startWriter = async () => {
      const writer = await FeedWriter.run(path, [written]);
      const { key: feedKey, port } = writer.state;
      return { writer, announcement: announceFeed({ feedKey, bootstrap, port }) };
    };

    let { writer, announcement } = await startWriter();
    stack.defer(async () => {
      await announcement[Symbol.asyncDispose]();
      await writer.kill();
    });
    await writer.fill(500, SIZE);
    const { collector, source } = stack.use(
      followFeed({ feedKey: writer.state.key, directory: await temporary(), bootstrap }),
    );
    await collector.expectEvents(500);
    let length = 500;
    for (let restart = 0; restart < RESTARTS; restart++) {
      for (const end = length + 10; length < end;) {
        await writer.append(blockOf(length, SIZE));
        await collector.expectEvents(++length);
      }
      await announcement[Symbol.asyncDispose]();
      await writer.kill();
      await until("the loss is noticed", () => !source.health().connected);
      ({ writer, announcement } = await startWriter());
      assert.equal(writer.state.length, length, "the writer kept what it had");
      await writer.fill(100, SIZE);
      length += 100;
      await collector.expectEvents(length);
    }
    assertBlocks(collector.events);
    assert.equal(source.health().connected, true);
  },
});
