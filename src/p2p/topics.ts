import type { ServiceId } from "@/domain/ids.ts";

/** Where a service's submissions are published (spec/network.md 5.5). */
export function topicOf(serviceId: ServiceId): string {
  return `wavs/${serviceId}/topic/v1`;
}

/** Where transactions for a service are announced: this node's own, which other implementations never join. */
export function landedTopicOf(serviceId: ServiceId): string {
  return `wavs/${serviceId}/landed/v1`;
}
