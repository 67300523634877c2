import assert from "node:assert/strict";
import { testContext } from "@/chains/evm/testing/context.ts";
import { highest } from "@/domain/bigint.ts";
import { createJetstreamSource } from "@/triggers/jetstream/jetstream_source.ts";
import { trigger, watched } from "@/triggers/jetstream/testing/frames.ts";
import { Collector } from "@/triggers/testing/collector.ts";
import { findJetstream, RealJetstream } from "@tests/support/real_jetstream.ts";

const found = await findJetstream();
if ("absent" in found) {
  const why = `SKIPPED: Jetstream is not read from a real server because ${found.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

/**
 * What the server itself says was posted in a span of time, over a connection without our source.
 *
 * @param beforeUs exclusive: a server stamps several posts with the same time, and sends them one by one
 */
function posts(url: string, sinceUs: bigint, beforeUs: bigint): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const socket = new WebSocket(`${url}?wantedCollections=app.bsky.feed.*&cursor=${sinceUs}`);
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error("the server cannot be asked"));
    socket.onmessage = ({ data }) => {
      const { did, time_us, kind, commit } = JSON.parse(data);
      if (time_us >= beforeUs) {
        socket.close();
        resolve(found);
      } else if (kind === "commit") {
        found.add(`atproto/${did}/${commit.collection}/${commit.rkey}/${commit.operation}/${commit.rev}/`);
      }
    };
  });
}

Deno.test({
  name: "everything a real server tells fires once, though it is killed and the source restarted in between",
  ignore: "absent" in found,
  fn: async () => {
    assert.ok("jetstream" in found);
    await using network = await RealJetstream.start(found);
    const options = { endpoints: [network.url], maxMessageBytes: 1_048_576 };
    const registry = watched(trigger({ collection: "app.bsky.feed.*" }));
    const start = async (from?: Collector["cursor"]) => {
      const source = createJetstreamSource(options, { context: testContext(10) });
      const watching = source.watch(registry);
      const collector = new Collector(source, from);
      await watching;
      return collector;
    };
    const first = await start();
    // Counted from here: what the server had read of the network before that fires as well, in one go.
    const sinceUs = BigInt(Date.now()) * 1_000n;
    const fired = (...collectors: readonly Collector[]) => {
      const posted = new Map<string, bigint>();
      for (const { data, identity } of collectors.flatMap(({ events }) => events)) {
        if (data.kind === "AtProtoEvent") posted.set(identity, data.timestamp);
      }
      return posted;
    };
    const live = (...collectors: readonly Collector[]) =>
      [...fired(...collectors).values()].filter((timeUs) => timeUs >= sinceUs).length;
    await first.until("a hundred fired", () => live(first) >= 100);
    await network.killServer();
    await network.startServer();
    await first.until("a hundred more fired after the server came back", () => live(first) >= 200);
    await first[Symbol.asyncDispose]();
    await using second = await start(first.cursor);
    await second.until("a hundred more fired after the source came back", () => live(first, second) >= 300);

    const all = fired(first, second);
    const told = await posts(network.url, sinceUs, highest(0n, ...all.values()));
    for (const post of told) assert.ok(all.has(post), `${post} did not fire`);
    assert.ok(told.size >= 250, `${told.size} were told`);
  },
});
