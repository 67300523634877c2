import { fuelOf, instantiateMetered, type ModuleState, startOf, stateOf } from "@/engine/metering/mod.ts";
import { CallContext, type ComponentInstanceState } from "../abi/call_context.ts";
import { invalidComponent, unsupportedComponent } from "../errors.ts";
import type { CanonicalOptions, CoreInstantiation, CoreReference } from "../plan/types.ts";
import type { Execution } from "./execution.ts";
import { type CoreFunction, promising } from "./jspi.ts";
import type { LinkedComponent } from "./linked_component.ts";
import { lowerFunction } from "./lower.ts";
import { resourceBuiltin } from "./resource_builtins.ts";

/** Core instances in the making and at work for one execution at a time: resolves the plan's references to them. */
export class Linker {
  readonly component: LinkedComponent;
  readonly #coreExports: WebAssembly.Exports[] = [];
  readonly #lowered: (CoreFunction | object | undefined)[] = [];
  readonly #promising = new Map<CoreFunction, ReturnType<typeof promising>>();
  #states: readonly ModuleState[] | undefined;
  #execution: Execution;

  constructor(component: LinkedComponent, execution: Execution) {
    this.component = component;
    this.#execution = execution;
  }

  /** The execution the core instances work for now. */
  get execution(): Execution {
    return this.#execution;
  }

  /** Puts core instances that are in their first state to work for another execution. */
  begin(execution: Execution): void {
    this.#execution = execution;
    for (const exports of this.#coreExports) execution.budget.addFuelCell(fuelOf(exports));
  }

  /** Ends the execution: its budget takes back the fuel it did not burn. */
  end(): void {
    for (const exports of this.#coreExports) this.#execution.budget.removeFuelCell(fuelOf(exports));
  }

  /** What the execution may have changed in the core instances, if they can be restored at all. */
  get states(): readonly ModuleState[] {
    return this.#states ??= this.#coreExports.map(stateOf);
  }

  /** The same wrapper every time, since making one costs as much as a call. */
  promising(core: CoreFunction): ReturnType<typeof promising> {
    const known = this.#promising.get(core);
    if (known !== undefined) return known;
    const made = promising(core);
    this.#promising.set(core, made);
    return made;
  }

  /** Instantiates the core modules, running their start functions. */
  async run(): Promise<void> {
    for (const step of this.component.plan.coreInstances) {
      const exports = this.#instantiate(step);
      const start = startOf(exports);
      if (start !== undefined) await this.#execution.budget.interruptible(promising(start));
      this.#coreExports.push(exports);
    }
  }

  #instantiate(step: CoreInstantiation): WebAssembly.Exports {
    const module = this.component.modules[step.module];
    if (module === undefined) throw invalidComponent(`core module ${step.module} does not exist`);
    try {
      return instantiateMetered(module, this.#importsOf(step), () => this.#execution.budget).exports;
    } catch (error) {
      if (error instanceof WebAssembly.LinkError) throw invalidComponent("its core modules do not fit together", error);
      throw error;
    }
  }

  #importsOf(step: CoreInstantiation): WebAssembly.Imports {
    const imports: WebAssembly.Imports = Object.create(null);
    for (const each of step.imports) {
      if (each.kind === "all") {
        imports[each.module] = this.#exportsOf(each.instance);
        continue;
      }
      const module = imports[each.module] ??= Object.create(null) as WebAssembly.ModuleImports;
      module[each.name] = this.resolve(each.value);
    }
    return imports;
  }

  /** A context for calls of one function in one execution. */
  context(options: CanonicalOptions, state: ComponentInstanceState): CallContext {
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
      const result = state.budget.uninterrupted(() => core(...values));
      state.flags.mayLeave = true;
      return Number(result);
    };
  }

  coreFunction(reference: CoreReference): CoreFunction {
    const found = this.resolve(reference);
    if (typeof found === "function") return found as CoreFunction;
    throw reference.kind === "export"
      ? invalidComponent("a core function the component names is none")
      : unsupportedComponent("a function that waits for the host where only a function of its own can be");
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
        return resourceBuiltin(reference, this) as WebAssembly.ImportValue;
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
