import { type TestContext, testContext } from "@/chains/evm/testing/context.ts";
import type { RegistrySnapshot } from "@/domain/mod.ts";
import { parseWorkflowId } from "@/domain/mod.ts";
import { Collector } from "@/triggers/testing/collector.ts";
import { registryOf, watchedService } from "@/triggers/evm/testing/registry.ts";
import { parseFeedKey } from "@/triggers/hypercore/feed_key.ts";
import { createHypercoreSource, type HypercoreSource } from "@/triggers/hypercore/hypercore_source.ts";
import { Swarm } from "@/triggers/hypercore/swarm.ts";
import type { Cursor } from "@/triggers/types.ts";

/** A registry in which the services of these numbers watch the feed. */
export function feedRegistry(feedKey: string, services: readonly number[], revision = 1): RegistrySnapshot {
  return registryOf(
    services.map((number) => ({
      ...watchedService(number, []),
      workflows: [{ workflowId: parseWorkflowId("wf-0"), trigger: { kind: "hypercore_append", feedKey } }],
    })),
    revision,
  );
}

export interface FollowOptions {
  readonly feedKey: string;
  /** Where the feeds are kept. */
  readonly directory: string;
  /** `host:port` of the DHT. */
  readonly bootstrap: string;
  readonly services?: readonly number[];
  readonly from?: Cursor | undefined;
}

/** A source on a feed with all its real parts, and what it found. */
export interface Following extends AsyncDisposable {
  readonly source: HypercoreSource;
  readonly collector: Collector;
  readonly context: TestContext;
}

export function followFeed({ feedKey, directory, bootstrap, services = [1], from }: FollowOptions): Following {
  const context = testContext();
  const swarm = new Swarm({ directory, bootstrap: [bootstrap], allowPrivateNetworks: true }, context);
  const source = createHypercoreSource(parseFeedKey(feedKey), { context, follow: (key) => swarm.follow(key) });
  void source.watch(feedRegistry(feedKey, services));
  const collector = new Collector(source, from);
  return {
    source,
    collector,
    context,
    [Symbol.asyncDispose]: async () => {
      await collector[Symbol.asyncDispose]();
      await swarm[Symbol.asyncDispose]();
    },
  };
}
