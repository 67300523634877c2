import type { FunctionDescriptor } from "../abi/build.ts";
import type { CallContext } from "../abi/call_context.ts";
import type { CoreValue } from "../abi/descriptor.ts";
import { WavsError } from "@/domain/errors.ts";
import { hostCallFailed, HostValueError, invalidComponent, isStackOverflow, Trap } from "../errors.ts";
import type { HostFunction, LiftedFunction, LoweredFunction } from "../plan/types.ts";
import { bindHostFunction, type HostCall } from "./host_binding.ts";
import { PerExecution } from "./execution.ts";
import { type CoreFunction, isPromiseLike, suspending } from "./jspi.ts";
import { GuestFunction } from "./guest_function.ts";
import type { Linker } from "./linker.ts";

/** Makes a component function callable by core code. */
export function lowerFunction(lowered: LoweredFunction, linker: Linker): CoreFunction | object {
  const caller = new CoreCaller(lowered, linker);
  return lowered.target.kind === "host"
    ? lowerHost(lowered.target, caller, linker)
    : lowerGuest(lowered.target, caller, linker);
}

/** The guest's side of a call out: takes its arguments, gives it the result. */
class CoreCaller {
  readonly type: FunctionDescriptor;
  readonly #linker: Linker;
  /** Most imports are never called, so the context is made at the first call. */
  readonly #contexts: PerExecution<CallContext>;

  constructor(lowered: LoweredFunction, linker: Linker) {
    const { target } = lowered;
    const type = linker.component.functions[target.type];
    if (type === undefined) throw invalidComponent("a function has no type");
    this.type = type;
    this.#linker = linker;
    this.#contexts = new PerExecution((execution) => {
      if (target.kind === "host") execution.onHostCall?.(target.binding.id);
      return linker.context(lowered.options, execution.state(lowered.instance));
    });
  }

  get #context(): CallContext {
    return this.#contexts.of(this.#linker.execution);
  }

  arguments(flat: readonly unknown[]): readonly unknown[] {
    const context = this.#context;
    if (!context.instance.flags.mayLeave) throw new Trap("cannot leave component instance");
    context.refresh();
    const args = this.#lift(context, flat);
    context.settleLifted();
    return args;
  }

  #lift(context: CallContext, flat: readonly unknown[]): readonly unknown[] {
    const { params, spilledParams } = this.type;
    if (spilledParams === undefined) {
      const source = { values: flat, next: 0 };
      return params.map((param) => param.lift(context, source));
    }
    const address = Number(flat[0]) >>> 0;
    context.checkRange(address, spilledParams.layout.bytes, spilledParams.layout.align);
    return spilledParams.load(context, address) as unknown[];
  }

  /** `flat` are the core arguments again: the last says where a result in memory goes. */
  result(value: unknown, flat: readonly unknown[]): CoreValue | undefined {
    const { result, resultInMemory, lendsParams } = this.type;
    const context = this.#context;
    if (lendsParams) context.releaseLent();
    if (result === undefined) return undefined;
    context.refresh();
    if (!resultInMemory) {
      const target: CoreValue[] = [];
      result.lower(context, value, target);
      return target[0];
    }
    const address = Number(flat[flat.length - 1]) >>> 0;
    context.checkRange(address, result.layout.bytes, result.layout.align);
    result.store(context, value, address);
    return undefined;
  }
}

function lowerHost(target: HostFunction, caller: CoreCaller, linker: Linker): CoreFunction | object {
  const { id } = target.binding;
  const { resultIsResult } = caller.type;
  const isAsync = linker.component.asyncImports.has(id);
  const hosts = new PerExecution<HostCall>(({ imports }) => bindHostFunction(target.binding, imports));

  const returned = (value: unknown, flat: readonly unknown[]) => {
    try {
      return caller.result(resultIsResult ? { tag: "ok", val: value } : value, flat);
    } catch (error) {
      throw error instanceof HostValueError ? hostCallFailed(id, error) : error;
    }
  };
  const threw = (error: unknown, flat: readonly unknown[]) => {
    if (resultIsResult && !(error instanceof Error)) return caller.result({ tag: "err", val: error }, flat);
    throw error instanceof WavsError || isStackOverflow(error) ? error : hostCallFailed(id, error);
  };
  const call = (...flat: unknown[]): unknown => {
    const args = caller.arguments(flat);
    let value: unknown;
    try {
      value = hosts.of(linker.execution)(args);
    } catch (error) {
      return threw(error, flat);
    }
    if (!isPromiseLike(value)) return returned(value, flat);
    if (!isAsync) throw hostCallFailed(id, new Error("it returned a promise but is not declared asynchronous"));
    return linker.execution.budget.race(value).then((result) => returned(result, flat), (error) => threw(error, flat));
  };
  return isAsync ? suspending(call) : call;
}

/**
 * A call from one component into another inside the same root. The caller is suspended whether the callee waits for the
 * host or not: it may compute for long, and has to give way to other guests.
 */
function lowerGuest(target: LiftedFunction, caller: CoreCaller, linker: Linker): object {
  const callees = new PerExecution(() => new GuestFunction(target, linker));
  return suspending(async (...flat: unknown[]) => {
    const callee = callees.of(linker.execution);
    const core = callee.enter(caller.arguments(flat));
    return caller.result(callee.leave(await linker.promising(callee.core)(...core)), flat);
  });
}
