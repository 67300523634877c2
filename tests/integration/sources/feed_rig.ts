import { testContext } from "@/chains/evm/testing/context.ts";
import { parseFeedKey } from "@/triggers/hypercore/feed_key.ts";
import { createHypercoreSource } from "@/triggers/hypercore/hypercore_source.ts";
import { Swarm } from "@/triggers/hypercore/swarm.ts";
import { startDht } from "@tests/support/hypercore/dht.ts";
import { FeedWriter } from "@tests/support/hypercore/writer.ts";
import type { SourceRig } from "./compliance.ts";

const BLOCK_BYTES = 20;

/**
 * A feed whose writer is a process of its own. There is one source per feed, so the second trigger is the same feed in
 * another spelling; a writer that dies is in `hypercore_test.ts`.
 */
export async function openFeedRig(): Promise<SourceRig> {
  await using stack = new AsyncDisposableStack();
  const directory = async () => {
    const path = await Deno.makeTempDir({ prefix: "wavs-test-feed-" });
    stack.defer(() => Deno.remove(path, { recursive: true }));
    return path;
  };
  const { address: bootstrap } = stack.use(await startDht());
  const writer = stack.use(await FeedWriter.start({ directory: await directory(), bootstrap }));
  const { key } = writer.state;
  const context = testContext();
  const options = { directory: await directory(), bootstrap: [bootstrap], allowPrivateNetworks: true };
  const swarm = stack.use(new Swarm(options, context));
  const running = stack.move();
  return {
    open: () => createHypercoreSource(parseFeedKey(key), { context, follow: (feedKey) => swarm.follow(feedKey) }),
    trigger: (kind) => ({ kind: "hypercore_append", feedKey: kind === 0 ? key : key.toUpperCase() }),
    happen: (count) => writer.fill(count, BLOCK_BYTES),
    replaysPast: true,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
