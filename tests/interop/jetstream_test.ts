import assert from "node:assert/strict";
import { testContext } from "@/chains/evm/testing/context.ts";
import { createJetstreamSource } from "@/triggers/jetstream/jetstream_source.ts";
import { trigger, watched } from "@/triggers/jetstream/testing/frames.ts";
import { Collector } from "@/triggers/testing/collector.ts";
import { findJetstream, RealJetstream } from "@tests/support/real_jetstream.ts";

const found = await findJetstream();
if ("absent" in found) {
  const why = `SKIPPED: Jetstream is not read from a real server because ${found.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

/** What the server itself says was posted since a time, over a connection without our source. */
function posts(url: string, sinceUs: bigint, untilUs: bigint): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const socket = new WebSocket(`${url}?wantedCollections=app.bsky.feed.*&cursor=${sinceUs}`);
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error("the server cannot be asked"));
    socket.onmessage = ({ data }) => {
      const { did, time_us, kind, commit } = JSON.parse(data);
      if (time_us > untilUs) {
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
    const sinceUs = BigInt(Date.now()) * 1_000n;
    const first = await start();
    await first.until("a hundred fired", () => first.events.length >= 100);
    await network.killServer();
    await network.startServer();
    await first.until("more fired after the server came back", () => first.events.length >= 250);
    await first[Symbol.asyncDispose]();
    await using second = await start(first.cursor);
    await second.until("more fired after the source came back", () => second.events.length >= 150);

    const fired = [...first.events, ...second.events];
    const times = fired.map(({ data }) => data.kind === "AtProtoEvent" ? data.timestamp : 0n);
    const untilUs = times.reduce((latest, time) => time > latest ? time : latest);
    const told = await posts(network.url, sinceUs, untilUs);
    const identities = new Set(fired.map(({ identity }) => String(identity)));
    for (const post of told) assert.ok(identities.has(post), `${post} did not fire`);
    assert.ok(told.size >= 150, `${told.size} were told`);
  },
});
