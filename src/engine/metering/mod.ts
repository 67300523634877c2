export { Budget, type BudgetLimits, type BudgetModules } from "./budget.ts";
