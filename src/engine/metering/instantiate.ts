import type { Budget } from "./budget.ts";
import { FUEL_EXPORT, GIVE_WAY_IMPORT, METER_MODULE, REFILL_IMPORT, START_EXPORT } from "./meter_names.ts";
import { GIVE_WAY } from "./turns.ts";

/** Instantiates a metered module on a budget. Its start function is the caller's to run, see {@link startOf}. */
export function instantiateMetered(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  budget: Budget,
): WebAssembly.Instance {
  // No code of the module runs, and so asks for fuel, before its instance is here.
  const refill = () => budget.refill(fuel) ? 1 : 0;
  const meter = { [REFILL_IMPORT]: refill, [GIVE_WAY_IMPORT]: GIVE_WAY };
  const instance = new WebAssembly.Instance(module, { ...imports, [METER_MODULE]: meter });
  const fuel = instance.exports[FUEL_EXPORT] as WebAssembly.Global;
  budget.addFuelCell(fuel);
  return instance;
}

/** The start function a module had before it was metered. */
export function startOf(exports: WebAssembly.Exports): (() => unknown) | undefined {
  return exports[START_EXPORT] as (() => unknown) | undefined;
}
