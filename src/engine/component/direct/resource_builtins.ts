import { WavsError } from "@/domain/errors.ts";
import { GuestResource } from "../abi/handle_table.ts";
import { hostCallFailed, isStackOverflow, Trap } from "../errors.ts";
import type { CoreReference, ResourceIndex } from "../plan/types.ts";
import type { CoreFunction } from "./jspi.ts";
import type { Linker } from "./linker.ts";

/** `resource.new`, `resource.rep` and `resource.drop` as core functions. */
export function resourceBuiltin(
  builtin: Extract<CoreReference, { kind: "resource" }>,
  linker: Linker,
): CoreFunction {
  const { resource } = builtin;
  const state = linker.state(builtin.instance);
  switch (builtin.operation) {
    case "new":
      return (rep) => {
        if (!state.flags.mayLeave) throw new Trap("cannot leave component instance");
        const value = new GuestResource(resource, Number(rep) | 0);
        return state.handles.add({ resource, value, ownership: { kind: "own" }, lends: 0 });
      };
    case "rep":
      return (index) => repOf(state.handles.get(Number(index) >>> 0, resource).value);
    case "drop":
      return (index) => {
        if (!state.flags.mayLeave) throw new Trap("cannot leave component instance");
        const handle = state.handles.remove(Number(index) >>> 0, resource);
        if (handle.ownership.kind === "own") dropResource(resource, handle.value, builtin.instance, linker);
      };
  }
}

function repOf(value: unknown): number {
  if (!(value instanceof GuestResource)) throw new Trap("the resource is not the component's own");
  return value.rep;
}

function dropResource(resource: ResourceIndex, value: unknown, dropper: number, linker: Linker): void {
  const owner = linker.component.plan.resources[resource]?.owner;
  if (owner?.kind !== "guest") return disposeHostResource(linker.component.plan.resources[resource]?.name ?? "", value);
  linker.instances[dropper]?.budget.countHostWork(0);
  if (owner.destructor === undefined) return;
  if (owner.instance !== dropper && !linker.state(owner.instance).flags.mayEnter) {
    throw new Trap("cannot enter component instance");
  }
  const destructor = linker.coreFunction(owner.destructor);
  linker.budget.uninterrupted(() => destructor(repOf(value)));
}

function disposeHostResource(name: string, value: unknown): void {
  const disposable = value as Partial<Disposable>;
  try {
    disposable[Symbol.dispose]?.();
  } catch (error) {
    if (error instanceof WavsError || isStackOverflow(error)) throw error;
    throw hostCallFailed(`[drop]${name}`, error);
  }
}
