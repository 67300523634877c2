import { executionError, exportNotFound } from "../errors.ts";
import { DEFAULT_MAX_HANDLES, DEFAULT_MAX_LIFTED_BYTES } from "../limits.ts";
import type { ComponentInstance, InstanceLimits, InstantiateOptions } from "../types.ts";
import { GuestFunction } from "./guest_function.ts";
import { promising } from "./jspi.ts";
import type { LinkedComponent } from "./linked_component.ts";
import { Linker } from "./linker.ts";

const DEFAULT_LIMITS: InstanceLimits = {
  maxHandles: DEFAULT_MAX_HANDLES,
  maxLiftedBytes: DEFAULT_MAX_LIFTED_BYTES,
};

/** A fresh instance of a linked component. */
export class DirectInstance implements ComponentInstance {
  readonly #linker: Linker;

  private constructor(linker: Linker) {
    this.#linker = linker;
  }

  static async start(component: LinkedComponent, options: InstantiateOptions): Promise<DirectInstance> {
    try {
      options.budget.check();
      const linker = new Linker(component, options, { ...DEFAULT_LIMITS, ...options.limits });
      await linker.run();
      return new DirectInstance(linker);
    } catch (error) {
      throw executionError(error);
    }
  }

  async call(exportName: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const lifted = this.#linker.component.plan.exports.find((each) => each.name === exportName)?.function;
      if (lifted === undefined) throw exportNotFound(exportName);
      const callee = new GuestFunction(lifted, this.#linker);
      const core = callee.enter(args);
      // Whether it waits for the host or not: it may have to give way to other guests.
      return callee.leave(await this.#linker.budget.interruptible(() => promising(callee.core)(...core)));
    } catch (error) {
      throw executionError(error);
    }
  }
}
