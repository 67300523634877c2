import { componentTooLarge } from "../errors.ts";
import { MAX_PLAN_STEPS } from "../limits.ts";

/** Bounds the work of planning: a component may instantiate its parts exponentially often. */
export class StepBudget {
  #left = MAX_PLAN_STEPS;

  count(): void {
    if (--this.#left < 0) throw componentTooLarge("definitions to evaluate", MAX_PLAN_STEPS);
  }
}
