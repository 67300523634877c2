import type { FunctionDescriptor } from "../abi/build.ts";
import type { CallContext } from "../abi/call_context.ts";
import type { CoreValue } from "../abi/descriptor.ts";
import { WavsError } from "@/domain/errors.ts";
import { hostCallFailed, HostValueError, invalidComponent, isStackOverflow, Trap } from "../errors.ts";
import type { HostFunction, LiftedFunction, LoweredFunction } from "../plan/types.ts";
import { bindHostFunction, type HostCall } from "./host_binding.ts";
import { type CoreFunction, isPromiseLike, promising, suspending } from "./jspi.ts";
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
  readonly #lowered: LoweredFunction;
  readonly #linker: Linker;
  #made: CallContext | undefined;

  constructor(lowered: LoweredFunction, linker: Linker) {
    const type = linker.component.functions[lowered.target.type];
    if (type === undefined) throw invalidComponent("a function has no type");
    this.type = type;
    this.#lowered = lowered;
    this.#linker = linker;
  }

  /** Most imports of an instance are never called, so the context is made at the first call. */
  get #context(): CallContext {
    return this.#made ??= this.#linker.context(this.#lowered.options, this.#lowered.instance);
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
  let host: HostCall | undefined;

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
      host ??= bindHostFunction(target.binding, linker.imports);
      value = host(args);
    } catch (error) {
      return threw(error, flat);
    }
    if (!isPromiseLike(value)) return returned(value, flat);
    if (!isAsync) throw hostCallFailed(id, new Error("it returned a promise but is not declared asynchronous"));
    return linker.budget.race(value).then((result) => returned(result, flat), (error) => threw(error, flat));
  };
  return isAsync ? suspending(call) : call;
}

/** A call from one component into another inside the same root. */
function lowerGuest(target: LiftedFunction, caller: CoreCaller, linker: Linker): CoreFunction | object {
  let callee: GuestFunction | undefined;
  const prepare = (flat: unknown[]) => {
    callee ??= new GuestFunction(target, linker);
    const args = caller.arguments(flat);
    return { callee, core: callee.enter(args) };
  };
  if (!linker.component.waitingInstances.has(target.instance)) {
    return (...flat: unknown[]) => {
      const { callee, core } = prepare(flat);
      return caller.result(callee.leave(linker.budget.uninterrupted(() => callee.core(...core))), flat);
    };
  }
  return suspending(async (...flat: unknown[]) => {
    const { callee, core } = prepare(flat);
    return caller.result(callee.leave(await promising(callee.core)(...core)), flat);
  });
}
