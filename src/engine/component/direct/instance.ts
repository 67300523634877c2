import { executionError, exportNotFound } from "../errors.ts";
import { DEFAULT_MAX_HANDLES, DEFAULT_MAX_LIFTED_BYTES } from "../limits.ts";
import type { ComponentInstance, InstanceLimits, InstantiateOptions } from "../types.ts";
import { Execution } from "./execution.ts";
import { GuestFunction } from "./guest_function.ts";
import type { LinkedComponent } from "./linked_component.ts";
import { Linker } from "./linker.ts";

const DEFAULT_LIMITS: InstanceLimits = {
  maxHandles: DEFAULT_MAX_HANDLES,
  maxLiftedBytes: DEFAULT_MAX_LIFTED_BYTES,
};

/** An instance of a linked component, on core instances nobody else uses while it lives. */
export class DirectInstance implements ComponentInstance {
  readonly #component: LinkedComponent;
  readonly #owner: string | undefined;
  #linker: Linker | undefined;
  #running = 0;
  /** After any throw the core instances are in no state anybody may rely on. */
  #isSpoiled = false;

  private constructor(component: LinkedComponent, linker: Linker, owner: string | undefined) {
    this.#component = component;
    this.#owner = owner;
    this.#linker = linker;
  }

  static async create(component: LinkedComponent, options: InstantiateOptions): Promise<DirectInstance> {
    try {
      options.budget.check();
      const execution = new Execution(component.plan, options, { ...DEFAULT_LIMITS, ...options.limits });
      const idle = component.idle.take(options.owner);
      if (idle !== undefined) {
        idle.linker.begin(execution);
        options.budget.spend(idle.fuel);
        return new DirectInstance(component, idle.linker, options.owner);
      }
      const linker = new Linker(component, execution);
      const spentBefore = options.budget.used();
      await linker.run();
      component.idle.noteFresh(linker, options.budget.used() - spentBefore);
      return new DirectInstance(component, linker, options.owner);
    } catch (error) {
      throw executionError(error);
    }
  }

  async call(exportName: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const linker = this.#linker;
      if (linker === undefined) throw new TypeError("a component instance is called after its execution");
      const lifted = linker.component.plan.exports.find((each) => each.name === exportName)?.function;
      if (lifted === undefined) throw exportNotFound(exportName);
      this.#running++;
      const callee = new GuestFunction(lifted, linker);
      const core = callee.enter(args);
      // Whether it waits for the host or not: it may have to give way to other guests.
      const { budget } = linker.execution;
      const value = callee.leave(await budget.interruptible(() => linker.promising(callee.core)(...core)));
      this.#running--;
      return value;
    } catch (error) {
      this.#isSpoiled = true;
      throw executionError(error);
    }
  }

  [Symbol.dispose](): void {
    const linker = this.#linker;
    this.#linker = undefined;
    if (linker !== undefined && !this.#isSpoiled && this.#running === 0) {
      this.#component.idle.give(this.#owner, linker);
    }
  }
}
