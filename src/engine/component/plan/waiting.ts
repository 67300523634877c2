import type { ComponentInstanceIndex, LoweredFunction, Plan } from "./types.ts";

/**
 * Which component instances may wait when called: those that import an asynchronous function of the host, those that
 * call other instances, and those that drop resources of either.
 */
export function planWaits(plan: Plan, asyncImports: ReadonlySet<string>): Set<ComponentInstanceIndex> {
  const mayWait = ({ target }: LoweredFunction) => target.kind === "lifted" || asyncImports.has(target.binding.id);
  const waiting = new Set(plan.lowered.filter(mayWait).map(({ instance }) => instance));
  const drops = guestDrops(plan);
  for (let before = -1; before !== waiting.size;) {
    before = waiting.size;
    for (const { dropper, owner } of drops) if (waiting.has(owner)) waiting.add(dropper);
  }
  return waiting;
}

/** Who can run whose destructors: to drop a resource of another instance is to call into it. */
function guestDrops(plan: Plan): { dropper: ComponentInstanceIndex; owner: ComponentInstanceIndex }[] {
  return plan.coreInstances.flatMap(({ imports }) => imports).flatMap((each) => {
    if (each.kind !== "one" || each.value.kind !== "resource" || each.value.operation !== "drop") return [];
    const owner = plan.resources[each.value.resource]?.owner;
    return owner?.kind === "guest" ? [{ dropper: each.value.instance, owner: owner.instance }] : [];
  });
}
