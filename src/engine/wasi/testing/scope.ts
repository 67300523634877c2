import { type Clock, systemClock } from "@/context/mod.ts";
import { GuestScope } from "../scope.ts";

export interface TestScope {
  readonly scope: GuestScope;
  /** Each beginning (`true`) and end of a wait. */
  readonly waits: readonly boolean[];
  /** Ends the execution. */
  end(): void;
}

/** A scope as an execution has it. */
export function createScope(clock: Clock = systemClock): TestScope {
  const controller = new AbortController();
  const waits: boolean[] = [];
  const scope = new GuestScope({ clock, signal: controller.signal, onWaiting: (waiting) => waits.push(waiting) });
  return { scope, waits, end: () => controller.abort() };
}
