import { backoffMs, type BackoffOptions } from "@/context/mod.ts";

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

export interface PauseOptions {
  readonly endpoints: number;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
}

/** How long to wait before connecting: not at all after a good connection, then longer with every round of failures. */
export function pauseMs({ failures }: Rotation, { endpoints, backoff, random }: PauseOptions): number {
  return failures === 0 ? 0 : backoffMs(backoff, Math.ceil(failures / endpoints), random);
}
