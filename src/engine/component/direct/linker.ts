import { type Budget, instantiateMetered, startOf } from "@/engine/metering/mod.ts";
import { CallContext, type ComponentInstanceState } from "../abi/call_context.ts";
import { HandleTable } from "../abi/handle_table.ts";
import { invalidComponent } from "../errors.ts";
import type { CanonicalOptions, CoreInstantiation, CoreReference } from "../plan/types.ts";
import type { HostImports, InstanceLimits, InstantiateOptions } from "../types.ts";
import { type CoreFunction, promising } from "./jspi.ts";
import type { LinkedComponent } from "./linked_component.ts";
import { lowerFunction } from "./lower.ts";
import { resourceBuiltin } from "./resource_builtins.ts";

/** One instance in the making and at work: resolves the plan's references to what this instance has made. */
export class Linker {
  readonly component: LinkedComponent;
  readonly imports: HostImports;
  readonly instances: readonly ComponentInstanceState[];
  readonly budget: Budget;
  readonly #coreExports: WebAssembly.Exports[] = [];
  readonly #lowered: (CoreFunction | object | undefined)[] = [];

  constructor(component: LinkedComponent, options: InstantiateOptions, limits: InstanceLimits) {
    this.component = component;
    this.imports = options.imports;
    this.budget = options.budget;
    const quota = { left: limits.maxHandles };
    this.instances = Array.from({ length: component.plan.componentInstances }, (_, index) => ({
      index,
      handles: new HandleTable(quota),
      flags: { mayLeave: true, mayEnter: true },
      resources: component.plan.resources,
      budget: options.budget,
      maxLiftedBytes: limits.maxLiftedBytes,
    }));
  }

  /** Instantiates the core modules, running their start functions. */
  async run(): Promise<void> {
    for (const step of this.component.plan.coreInstances) {
      const exports = this.#instantiate(step);
      const start = startOf(exports);
      if (start !== undefined) await this.budget.interruptible(promising(start));
      this.#coreExports.push(exports);
    }
  }

  #instantiate(step: CoreInstantiation): WebAssembly.Exports {
    const module = this.component.modules[step.module];
    if (module === undefined) throw invalidComponent(`core module ${step.module} does not exist`);
    const imports: WebAssembly.Imports = Object.create(null);
    for (const each of step.imports) {
      if (each.kind === "all") imports[each.module] = this.#exportsOf(each.instance);
      else {(imports[each.module] ??= Object.create(null) as WebAssembly.ModuleImports)[each.name] = this.resolve(
          each.value,
        );}
    }
    try {
      return instantiateMetered(module, imports, this.budget).exports;
    } catch (error) {
      if (error instanceof WebAssembly.LinkError) throw invalidComponent("its core modules do not fit together", error);
      throw error;
    }
  }

  state(index: number): ComponentInstanceState {
    const state = this.instances[index];
    if (state === undefined) throw invalidComponent(`component instance ${index} does not exist`);
    return state;
  }

  /** A context for calls of one function; references in its options are resolved now. */
  context(options: CanonicalOptions, instance: number): CallContext {
    const state = this.state(instance);
    const memory = options.memory === undefined ? undefined : this.resolve(options.memory);
    if (memory !== undefined && !(memory instanceof WebAssembly.Memory)) {
      throw invalidComponent("a function names something as its memory that is none");
    }
    const realloc = options.realloc === undefined ? undefined : this.#guarded(options.realloc, state);
    return new CallContext({ encoding: options.encoding, memory, realloc }, state);
  }

  /** A guest function during which the guest may not call out. */
  #guarded(reference: CoreReference, state: ComponentInstanceState): (...values: number[]) => number {
    const core = this.coreFunction(reference);
    return (...values) => {
      state.flags.mayLeave = false;
      const result = this.budget.uninterrupted(() => core(...values));
      state.flags.mayLeave = true;
      return Number(result);
    };
  }

  coreFunction(reference: CoreReference): CoreFunction {
    const found = this.resolve(reference);
    if (typeof found !== "function") throw invalidComponent("a core function the component names is none");
    return found as CoreFunction;
  }

  resolve(reference: CoreReference): WebAssembly.ImportValue {
    switch (reference.kind) {
      case "export": {
        const found = this.#exportsOf(reference.instance)[reference.name];
        if (found === undefined) throw invalidComponent(`a core module lacks the export "${reference.name}"`);
        return found;
      }
      case "lowered":
        return (this.#lowered[reference.index] ??= this.#lower(reference.index)) as WebAssembly.ImportValue;
      case "resource":
        return resourceBuiltin(reference, this);
    }
  }

  #exportsOf(instance: number): WebAssembly.Exports {
    const exports = this.#coreExports[instance];
    if (exports === undefined) throw invalidComponent(`core instance ${instance} is used before it exists`);
    return exports;
  }

  #lower(index: number): CoreFunction | object {
    const lowered = this.component.plan.lowered[index];
    if (lowered === undefined) throw invalidComponent(`lowered function ${index} does not exist`);
    return lowerFunction(lowered, this);
  }
}
