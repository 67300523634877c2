export { Budget, type BudgetLimits, type BudgetModules } from "./budget.ts";
export { fuelOf, instantiateMetered, type ModuleState, startOf, stateOf } from "./instantiate.ts";
export { type MeteredModule, meterModule, type MeterOptions } from "./meter.ts";
export { isReservedName } from "./meter_names.ts";
export { type ModuleShape, scanModule } from "./module_shape.ts";
