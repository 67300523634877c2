import { backoffMs } from "@/context/mod.ts";
import { RECONNECT_BACKOFF } from "./limits.ts";

/** Which endpoint is used, and how many failed one after the other. */
export interface Rotation {
  readonly index: number;
  readonly failures: number;
}

/** Endpoint 0 is where to start: endpoints are ordered so. */
export const FIRST_ENDPOINT: Rotation = { index: 0, failures: 0 };

/** On to the next endpoint; after a good connection the count starts over. */
export function afterFailure(rotation: Rotation, endpoints: number, wasStable: boolean): Rotation {
  return { index: (rotation.index + 1) % endpoints, failures: wasStable ? 0 : rotation.failures + 1 };
}

/** How long to wait before connecting: not at all after a good connection, then longer with every round of failures. */
export function pauseMs({ failures }: Rotation, endpoints: number, random: () => number): number {
  return failures === 0 ? 0 : backoffMs(RECONNECT_BACKOFF, Math.ceil(failures / endpoints), random);
}
