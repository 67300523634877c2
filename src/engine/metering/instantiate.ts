import type { Budget } from "./budget.ts";
import { FUEL_EXPORT, METER_MODULE, REFILL_IMPORT, START_EXPORT } from "./meter_names.ts";

/** Instantiates a metered module on a budget and runs its start function. */
export function instantiateMetered(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  budget: Budget,
): WebAssembly.Instance {
  // No code of the module runs, and so asks for fuel, before its instance is here.
  const refill = () => budget.refill(fuel);
  const instance = new WebAssembly.Instance(module, { ...imports, [METER_MODULE]: { [REFILL_IMPORT]: refill } });
  const fuel = instance.exports[FUEL_EXPORT] as WebAssembly.Global;
  budget.addFuelCell(fuel);
  (instance.exports[START_EXPORT] as CallableFunction | undefined)?.();
  return instance;
}
