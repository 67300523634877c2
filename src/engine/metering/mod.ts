export { Budget, type BudgetLimits, type BudgetModules } from "./budget.ts";
export { meterModule, type MeterOptions } from "./meter.ts";
export { FUEL_IMPORT, METER_MODULE, REFILL_IMPORT } from "./meter_imports.ts";
export { type ModuleShape, scanModule } from "./module_shape.ts";
