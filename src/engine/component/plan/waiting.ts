import type { ComponentInstanceIndex, LoweredFunction, Plan } from "./types.ts";

/**
 * Which component instances may wait for the host when called: those that import an asynchronous function, and those
 * that call such an instance.
 */
export function planWaits(plan: Plan, asyncImports: ReadonlySet<string>): Set<ComponentInstanceIndex> {
  const waiting = new Set<ComponentInstanceIndex>();
  const mayWait = ({ target }: LoweredFunction) =>
    target.kind === "host" ? asyncImports.has(target.binding.id) : waiting.has(target.instance);
  for (let before = -1; before !== waiting.size;) {
    before = waiting.size;
    for (const lowered of plan.lowered) if (mayWait(lowered)) waiting.add(lowered.instance);
  }
  return waiting;
}
