import type { Budget } from "@/engine/metering/mod.ts";
import type { ComponentInstanceState } from "../abi/call_context.ts";
import { HandleTable } from "../abi/handle_table.ts";
import { invalidComponent } from "../errors.ts";
import type { Plan } from "../plan/types.ts";
import type { HostImports, InstanceLimits, InstantiateOptions } from "../types.ts";

/** What belongs to one execution and to no other: everything but the core instances it runs on. */
export class Execution {
  readonly imports: HostImports;
  readonly budget: Budget;
  /** Told of imported functions at their first call. */
  readonly onHostCall: ((id: string) => void) | undefined;
  readonly #instances: readonly ComponentInstanceState[];
  #isUsed = false;

  constructor(plan: Plan, options: InstantiateOptions, limits: InstanceLimits) {
    this.imports = options.imports;
    this.budget = options.budget;
    this.onHostCall = options.onHostCall;
    const quota = { left: limits.maxHandles };
    this.#instances = Array.from({ length: plan.componentInstances }, (_, index) => ({
      index,
      handles: new HandleTable(quota),
      flags: { mayLeave: true, mayEnter: true },
      resources: plan.resources,
      budget: options.budget,
      maxLiftedBytes: limits.maxLiftedBytes,
    }));
  }

  /** Whether anything was done on the guest's behalf yet that core instances do not show: a host call, a handle. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** What every call into and out of a component instance works with. */
  state(index: number): ComponentInstanceState {
    this.#isUsed = true;
    const state = this.#instances[index];
    if (state === undefined) throw invalidComponent(`component instance ${index} does not exist`);
    return state;
  }
}

/**
 * Something core code reaches that is made at its first use in an execution. Core instances outlive executions; what
 * one of them left here is out of the next one's reach.
 */
export class PerExecution<T> {
  readonly #make: (execution: Execution) => T;
  #made: { readonly execution: Execution; readonly value: T } | undefined;

  constructor(make: (execution: Execution) => T) {
    this.#make = make;
  }

  of(execution: Execution): T {
    if (this.#made?.execution !== execution) this.#made = { execution, value: this.#make(execution) };
    return this.#made.value;
  }
}
