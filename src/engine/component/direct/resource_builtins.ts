import { WavsError } from "@/domain/errors.ts";
import type { ComponentInstanceState } from "../abi/call_context.ts";
import { GuestResource } from "../abi/handle_table.ts";
import { hostCallFailed, isStackOverflow, Trap } from "../errors.ts";
import type { CoreReference, Resource } from "../plan/types.ts";
import { type CoreFunction, promising, suspending } from "./jspi.ts";
import type { Linker } from "./linker.ts";

type ResourceBuiltin = Extract<CoreReference, { kind: "resource" }>;

/** `resource.new`, `resource.rep` and `resource.drop` as core functions. */
export function resourceBuiltin(builtin: ResourceBuiltin, linker: Linker): CoreFunction | object {
  const { resource } = builtin;
  const state = () => linker.execution.state(builtin.instance);
  switch (builtin.operation) {
    case "new":
      return (rep) => {
        const { handles } = mayLeave(state());
        const value = new GuestResource(resource, Number(rep) | 0);
        return handles.add({ resource, value, ownership: { kind: "own" }, lends: 0 });
      };
    case "rep":
      return (index) => repOf(state().handles.get(Number(index) >>> 0, resource).value);
    case "drop":
      return dropBuiltin(builtin, linker);
  }
}

function mayLeave(state: ComponentInstanceState): ComponentInstanceState {
  if (!state.flags.mayLeave) throw new Trap("cannot leave component instance");
  return state;
}

function dropBuiltin(builtin: ResourceBuiltin, linker: Linker): CoreFunction | object {
  const resource = linker.component.plan.resources[builtin.resource];
  const drop = resource?.owner.kind === "guest"
    ? dropGuestResource(resource.owner, builtin, linker)
    : (value: unknown) => disposeHostResource(resource?.name ?? "", value);
  const core = (index: unknown) => {
    const state = mayLeave(linker.execution.state(builtin.instance));
    const handle = state.handles.remove(Number(index) >>> 0, builtin.resource);
    state.budget.countHostWork(0);
    return handle.ownership.kind === "own" ? drop(handle.value) : undefined;
  };
  const { owner } = resource ?? {};
  return owner?.kind === "guest" && linker.component.waitingInstances.has(owner.instance) ? suspending(core) : core;
}

type GuestOwner = Extract<Resource["owner"], { kind: "guest" }>;

/** Runs the destructor; one of another instance is a call into it like any other. */
function dropGuestResource(
  owner: GuestOwner,
  builtin: ResourceBuiltin,
  linker: Linker,
): (value: unknown) => unknown {
  const waits = linker.component.waitingInstances.has(owner.instance);
  let destructor: CoreFunction | undefined;
  return (value) => {
    const foreign = owner.instance === builtin.instance ? undefined : linker.execution.state(owner.instance).flags;
    if (foreign?.mayEnter === false) throw new Trap("cannot enter component instance");
    if (owner.destructor === undefined) return;
    destructor ??= waits ? promising(linker.coreFunction(owner.destructor)) : linker.coreFunction(owner.destructor);
    if (foreign !== undefined) foreign.mayEnter = false;
    const left = () => {
      if (foreign !== undefined) foreign.mayEnter = true;
    };
    const run = destructor;
    if (waits) return (run(repOf(value)) as Promise<unknown>).then(left);
    linker.execution.budget.uninterrupted(() => run(repOf(value)));
    return left();
  };
}

function repOf(value: unknown): number {
  if (!(value instanceof GuestResource)) throw new Trap("the resource is not the component's own");
  return value.rep;
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
