import { type Clock, systemClock } from "@/context/mod.ts";
import { GuestScope } from "../scope.ts";

export interface TestScope {
  readonly scope: GuestScope;
  /** Each beginning (`true`) and end of a wait. */
  readonly waits: readonly boolean[];
  /** What was refused, in the node's words. */
  readonly refusals: readonly string[];
  /** Ends the execution. */
  end(): void;
}

/** A scope as an execution has it. */
export function createScope(clock: Clock = systemClock): TestScope {
  const controller = new AbortController();
  const waits: boolean[] = [];
  const refusals: string[] = [];
  const scope = new GuestScope({
    clock,
    signal: controller.signal,
    onWaiting: (waiting) => waits.push(waiting),
    onRefusal: (kind, why) => refusals.push(`${kind}: ${why}`),
  });
  return { scope, waits, refusals, end: () => controller.abort() };
}
