import type { ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import type { Trigger } from "@/domain/trigger.ts";
import type { SourceName } from "../types.ts";
import { type FeedKey, parseFeedKey } from "./feed_key.ts";

type FeedTrigger = Trigger & { readonly kind: "hypercore_append" };

/** A workflow that watches a feed. */
export interface FeedFollower {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: FeedTrigger;
}

export function feedSourceName(feedKey: FeedKey): SourceName {
  return `hypercore:${feedKey}` as SourceName;
}

/** Every feed that a workflow watches. Keys that are none were refused on registration, and are left out. */
export function watchedFeeds(registry: RegistrySnapshot): ReadonlySet<FeedKey> {
  return new Set(feedTriggers(registry).map(({ feedKey }) => feedKey));
}

/** Who watches a feed, by `<service>/<workflow>`. */
export function followersOf(registry: RegistrySnapshot, feedKey: FeedKey): ReadonlyMap<string, FeedFollower> {
  return new Map(
    feedTriggers(registry).filter((found) => found.feedKey === feedKey).map(({ follower }) => [
      `${follower.serviceId}/${follower.workflowId}`,
      follower,
    ]),
  );
}

function feedTriggers(
  { services }: RegistrySnapshot,
): readonly { readonly feedKey: FeedKey; readonly follower: FeedFollower }[] {
  return services.flatMap(({ serviceId, workflows }) =>
    workflows.flatMap(({ workflowId, trigger }) => {
      if (trigger.kind !== "hypercore_append") return [];
      const feedKey = feedKeyOf(trigger);
      return feedKey === undefined ? [] : [{ feedKey, follower: { serviceId, workflowId, trigger } }];
    })
  );
}

function feedKeyOf({ feedKey }: FeedTrigger): FeedKey | undefined {
  try {
    return parseFeedKey(feedKey);
  } catch {
    return undefined;
  }
}
