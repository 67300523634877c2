import type { Budget } from "@/engine/metering/mod.ts";
import type { FunctionDescriptor } from "../abi/build.ts";
import type { CallContext } from "../abi/call_context.ts";
import type { CoreValue } from "../abi/descriptor.ts";
import { invalidComponent, Trap } from "../errors.ts";
import type { LiftedFunction } from "../plan/types.ts";
import type { CoreFunction } from "./jspi.ts";
import type { Linker } from "./linker.ts";

/**
 * A guest function called from outside its component instance in one execution: `enter`, call `core`, `leave`. Whatever
 * throws between the two leaves the instance closed for good.
 */
export class GuestFunction {
  readonly core: CoreFunction;
  readonly #type: FunctionDescriptor;
  readonly #context: CallContext;
  readonly #postReturn: CoreFunction | undefined;
  readonly #budget: Budget;

  constructor(lifted: LiftedFunction, linker: Linker) {
    const type = linker.component.functions[lifted.type];
    if (type === undefined) throw invalidComponent("a function has no type");
    this.#type = type;
    this.#context = linker.context(lifted.options, linker.execution.state(lifted.instance));
    this.#budget = linker.execution.budget;
    this.core = linker.coreFunction(lifted.core);
    const { postReturn } = lifted.options;
    this.#postReturn = postReturn === undefined ? undefined : linker.coreFunction(postReturn);
  }

  /** Converts arguments to core values, in the guest's memory where they need room. */
  enter(args: readonly unknown[]): CoreValue[] {
    const { params, spilledParams } = this.#type;
    const context = this.#context;
    const { flags } = context.instance;
    if (!flags.mayEnter) throw new Trap("cannot enter component instance");
    flags.mayEnter = false;
    context.refresh();
    if (spilledParams !== undefined) {
      const address = context.allocate(spilledParams.layout.bytes, spilledParams.layout.align);
      spilledParams.store(context, args, address);
      return [address];
    }
    const flat: CoreValue[] = [];
    params.forEach((param, i) => param.lower(context, args[i], flat));
    return flat;
  }

  /** Converts what `core` returned, and lets the guest clean up. */
  leave(returned: unknown): unknown {
    const { result, resultInMemory } = this.#type;
    const context = this.#context;
    const { flags } = context.instance;
    context.refresh();
    const value = result === undefined ? undefined : this.#lift(returned);
    context.settleLifted();
    if (this.#type.lendsParams) context.closeBorrows();
    const postReturn = this.#postReturn;
    if (postReturn !== undefined) {
      flags.mayLeave = false;
      const values = result === undefined && !resultInMemory ? [] : [returned];
      this.#budget.uninterrupted(() => postReturn(...values));
      flags.mayLeave = true;
    }
    flags.mayEnter = true;
    return value;
  }

  #lift(returned: unknown): unknown {
    const { result, resultInMemory } = this.#type;
    const context = this.#context;
    if (!resultInMemory) return result?.lift(context, { values: [returned], next: 0 });
    const address = Number(returned) >>> 0;
    if (result === undefined) return undefined;
    context.checkRange(address, result.layout.bytes, result.layout.align);
    return result.load(context, address);
  }
}
