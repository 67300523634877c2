import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { blockOf } from "@tests/support/hypercore/blocks.ts";
import { startDht } from "@tests/support/hypercore/dht.ts";
import { followFeed } from "@tests/support/hypercore/follow.ts";
import { HostilePeer } from "@tests/support/hypercore/hostile_peer.ts";
import { FeedWriter } from "@tests/support/hypercore/writer.ts";
import { until } from "@tests/support/until.ts";

const BLOCKS = 50;
const SIZE = 100;

const BEHAVIOURS: Readonly<Record<string, { readonly behave: (socket: Socket) => void; readonly offence?: RegExp }>> = {
  "speaks nonsense": {
    behave: (socket) => void socket.write(crypto.getRandomValues(new Uint8Array(2_000))),
    offence: /./,
  },
  "announces a record of 16 MB": {
    behave: (socket) => void socket.write(new Uint8Array([0xff, 0xff, 0xff, ...new Uint8Array(1_000)])),
    offence: /announced a record of 16777215 bytes/,
  },
  "sends a handshake that is none": {
    behave: (socket) => void socket.write(new Uint8Array([96, 0, 0, ...crypto.getRandomValues(new Uint8Array(96))])),
    offence: /./,
  },
  "never stops sending": {
    behave: (socket) => {
      const pour = () => void (socket.destroyed || socket.write(new Uint8Array(65_536), pour));
      pour();
    },
    offence: /./,
  },
  "hangs up": { behave: (socket) => void socket.destroy() },
  "says nothing": { behave: () => {} },
};

for (const [what, { behave, offence }] of Object.entries(BEHAVIOURS)) {
  Deno.test(`a peer of a feed that ${what} costs its connection and nothing else`, async () => {
    await using stack = new AsyncDisposableStack();
    const directory = async () => {
      const path = await Deno.makeTempDir({ prefix: "wavs-test-feed-" });
      stack.defer(() => Deno.remove(path, { recursive: true }));
      return path;
    };
    const { address: bootstrap } = stack.use(await startDht());
    const writer = stack.use(await FeedWriter.start({ directory: await directory(), bootstrap }));
    const feedKey = writer.state.key;
    const hostile = stack.use(await HostilePeer.start({ feedKey, bootstrap, behave }));
    const { collector, context } = stack.use(followFeed({ feedKey, directory: await directory(), bootstrap }));
    await until("the hostile peer was visited", () => hostile.visits > 0);
    await writer.fill(BLOCKS, SIZE);
    await collector.expectEvents(BLOCKS);
    for (const [index, { data }] of collector.events.entries()) {
      assert.ok(data.kind === "HypercoreAppend");
      assert.deepEqual(data.data, blockOf(index, SIZE), `block ${index}`);
    }
    if (offence === undefined) return;
    const isTold = () =>
      context.records.some(({ level, message, fields }) =>
        level === "warn" && message === "Peer dropped" && offence.test(String(fields.reason))
      );
    await until("the offence is told", isTold);
  });
}
