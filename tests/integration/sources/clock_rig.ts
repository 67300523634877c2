import { testContext } from "@/chains/evm/testing/context.ts";
import { manualClock } from "@/context/testing/manual_clock.ts";
import { createCronSource } from "@/triggers/cron/cron_source.ts";
import type { SourceRig } from "./compliance.ts";

/** Right after an occurrence of both triggers, so that each ten seconds bring one of either. */
const START_MS = Date.UTC(2026, 0, 1, 12, 0, 6);

/** A clock that is wound by hand: there is no other way to have ten seconds pass, whatever the machine is doing. */
export function openClockRig(): Promise<SourceRig> {
  const clock = manualClock(START_MS);
  return Promise.resolve({
    open: () => createCronSource({ missed: "fire_all" }, { context: { ...testContext(), clock } }),
    trigger: (kind) => ({
      kind: "cron",
      schedule: kind === 0 ? "*/10 * * * * *" : "5/10 * * * * *",
      startTime: undefined,
      endTime: undefined,
    }),
    happen: (count) => clock.advance(count * 10_000),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
