import { serveWorker } from "@/link/mod.ts";
import { describeError } from "@/domain/errors.ts";
import { TriggersRunner } from "../runner.ts";
import type { TriggersApi, TriggersMain } from "../types.ts";
import type { FeedBoot } from "./feed_worker.ts";
import { createHypercoreSource } from "./hypercore_source.ts";
import { Swarm } from "./swarm.ts";

serveWorker<FeedBoot, TriggersApi, TriggersMain>((boot, context, main) => {
  // The libraries throw again, outside of every handler, what a peer made them stumble over. Its connection is watched
  // and ends by itself; the other peers and feeds must not.
  const survive = (event: Event, error: unknown) => {
    event.preventDefault();
    context.log.error("A library failed on what a peer sent", { error: describeError(error) });
  };
  addEventListener("error", (event) => survive(event, event.error));
  addEventListener("unhandledrejection", (event) => survive(event, event.reason));

  const swarm = new Swarm(boot.feeds, context);
  const runner = new TriggersRunner(boot, {
    context,
    main,
    newFeed: (feedKey) => createHypercoreSource(feedKey, { context, follow: (key) => swarm.follow(key) }),
  });
  // The link opens once this returns, which is before any timer.
  void context.clock.sleep(0).then(() => runner.start());
  return runner.handlers;
});
