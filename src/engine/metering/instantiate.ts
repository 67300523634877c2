import type { Budget } from "./budget.ts";
import {
  FUEL_EXPORT,
  GIVE_WAY_IMPORT,
  GLOBAL_EXPORT_PREFIX,
  MEMORY_EXPORT,
  METER_MODULE,
  REFILL_IMPORT,
  START_EXPORT,
} from "./meter_names.ts";
import { GIVE_WAY } from "./turns.ts";

/**
 * Instantiates a metered module. Its start function is the caller's to run, see {@link startOf}.
 *
 * @param budget whose fuel the instance burns; asked at every refill, since an instance may serve several executions
 */
export function instantiateMetered(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  budget: () => Budget,
): WebAssembly.Instance {
  // No code of the module runs, and so asks for fuel, before its instance is here.
  const refill = () => budget().refill(fuel) ? 1 : 0;
  const meter = { [REFILL_IMPORT]: refill, [GIVE_WAY_IMPORT]: GIVE_WAY };
  const instance = new WebAssembly.Instance(module, { ...imports, [METER_MODULE]: meter });
  const fuel = fuelOf(instance.exports);
  budget().addFuelCell(fuel);
  return instance;
}

/** The start function a module had before it was metered. */
export function startOf(exports: WebAssembly.Exports): (() => unknown) | undefined {
  return exports[START_EXPORT] as (() => unknown) | undefined;
}

/** What is left of the slice of an instance. */
export function fuelOf(exports: WebAssembly.Exports): WebAssembly.Global {
  return exports[FUEL_EXPORT] as WebAssembly.Global;
}

/** All that a run can change in an instance of a module that is restorable (`MeteredModule`), beside its fuel. */
export interface ModuleState {
  readonly memory: WebAssembly.Memory | undefined;
  readonly globals: readonly WebAssembly.Global[];
}

export function stateOf(exports: WebAssembly.Exports): ModuleState {
  const globals = Object.keys(exports).filter((name) => name.startsWith(GLOBAL_EXPORT_PREFIX));
  return {
    memory: exports[MEMORY_EXPORT] as WebAssembly.Memory | undefined,
    globals: globals.map((name) => exports[name] as WebAssembly.Global),
  };
}
