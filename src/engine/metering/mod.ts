export { Budget, type BudgetLimits, type BudgetModules } from "./budget.ts";
export { instantiateMetered, startOf } from "./instantiate.ts";
export { meterModule, type MeterOptions } from "./meter.ts";
export { isReservedName } from "./meter_names.ts";
export { type ModuleShape, scanModule } from "./module_shape.ts";
