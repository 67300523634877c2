import { systemClock } from "@/context/mod.ts";
import { withinFetch } from "../../egress/fetch.ts";
import type { FetchLimits, Get } from "../types.ts";

export const GENEROUS: FetchLimits = { maxBytes: 1024 * 1024, timeoutMs: 60_000 };

/** Runs a fetch as the egress worker does, with servers on this machine allowed. */
export function withGet<Result>(work: (get: Get) => Promise<Result>): Promise<Result> {
  const options = { allowPrivateNetworks: true };
  return withinFetch("test", GENEROUS, { options, modules: { clock: systemClock } }, work);
}
