import { WavsError } from "@/domain/mod.ts";
import { type Link, openLink, type Remote, type SupervisedWorker } from "@/link/mod.ts";
import type { ComponentWorkerCarrierModules, ComponentWorkerOptions } from "./carriers.ts";
import { createComponentWorker } from "./component_worker.ts";
import type { ComponentWorkerApi, ComponentWorkerMain } from "./worker_types.ts";

/** A component worker in this thread, over a real link, so that what cannot be copied between isolates fails here too. */
export async function startInThread(
  options: ComponentWorkerOptions,
  modules: ComponentWorkerCarrierModules,
): Promise<SupervisedWorker<ComponentWorkerApi>> {
  const worker = new InThreadWorker(options, modules);
  await worker.open();
  return worker;
}

interface Ends {
  readonly caller: Link<ComponentWorkerApi>;
  readonly callee: Link<ComponentWorkerMain>;
  readonly egress: MessagePort;
}

class InThreadWorker implements SupervisedWorker<ComponentWorkerApi> {
  readonly #options: ComponentWorkerOptions;
  readonly #modules: ComponentWorkerCarrierModules;
  #ends: Ends | undefined;
  #restarts = 0;

  constructor(options: ComponentWorkerOptions, modules: ComponentWorkerCarrierModules) {
    this.#options = options;
    this.#modules = modules;
  }

  get remote(): Remote<ComponentWorkerApi> {
    if (this.#ends === undefined) throw this.#lost();
    return this.#ends.caller.remote;
  }

  stats(): ReturnType<SupervisedWorker<ComponentWorkerApi>["stats"]> {
    return { ...(this.#ends?.caller.stats() ?? { inFlight: 0, waiting: 0, credit: 0 }), restarts: this.#restarts };
  }

  async restart(): Promise<void> {
    this.close();
    this.#restarts++;
    await this.open();
  }

  close(): void {
    this.#ends?.caller.close(this.#lost());
    this.#ends?.callee.close();
    this.#ends?.egress.close();
    this.#ends = undefined;
  }

  async open(): Promise<void> {
    const { name, credit, boot } = this.#options;
    const { context, handlers } = this.#modules;
    const { port1, port2 } = new MessageChannel();
    const made = boot();
    const worker = await createComponentWorker(made, { context, main: () => callee.remote });
    const callee = openLink<ComponentWorkerMain, ComponentWorkerApi>({ name: `${name} → main`, credit }, {
      port: port2,
      handlers: worker,
    });
    const caller = openLink<ComponentWorkerApi, ComponentWorkerMain>({ name: `main → ${name}` }, {
      port: port1,
      handlers,
    });
    this.#ends = { caller, callee, egress: made.egress };
    await caller.ready;
  }

  #lost(): WavsError {
    const { name } = this.#options;
    return new WavsError("worker_lost", { message: `The "${name}" worker ended`, retryable: true });
  }
}
