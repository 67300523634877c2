import type { Context, LogLevel } from "@/context/mod.ts";
import { type Handlers, startWorker, type SupervisedWorker } from "@/link/mod.ts";
import type { ComponentWorkerApi, ComponentWorkerBoot, ComponentWorkerMain } from "./worker_types.ts";

/** How component workers run: in isolates of their own, or in the caller's thread for tests and debugging. */
export type Carrier = "worker" | "in-thread";

export interface ComponentWorkerOptions {
  readonly name: string;
  readonly logLevel: LogLevel;
  /** Calls it takes at once. */
  readonly credit: number;
  /** The directory of the service it is kept for. */
  readonly directory: string | undefined;
  /** Asked again at every start, since ports can be handed over only once. */
  readonly boot: () => ComponentWorkerBoot;
}

export interface ComponentWorkerCarrierModules {
  readonly context: Context;
  readonly handlers: Handlers<ComponentWorkerMain>;
}

/** Starts a component worker on a carrier; the contract is the same on both. */
export async function startComponentWorker(
  carrier: Carrier,
  options: ComponentWorkerOptions,
  modules: ComponentWorkerCarrierModules,
): Promise<SupervisedWorker<ComponentWorkerApi>> {
  switch (carrier) {
    case "worker":
      return await startIsolate(options, modules);
    case "in-thread":
      // Loaded only when asked for: the main isolate of a node needs none of what runs guests.
      return await (await import("./in_thread.ts")).startInThread(options, modules);
  }
}

function startIsolate(
  { name, logLevel, credit, directory, boot }: ComponentWorkerOptions,
  modules: ComponentWorkerCarrierModules,
): Promise<SupervisedWorker<ComponentWorkerApi>> {
  return startWorker<ComponentWorkerApi, ComponentWorkerMain, ComponentWorkerBoot>({
    name,
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => componentPermissions(directory),
    logLevel,
    // A guest computes for as long as it was allowed to, and the pool ends what takes longer.
    mayStall: true,
    credit,
    boot: () => {
      const made = boot();
      return { boot: made, transfer: [made.egress] };
    },
  }, modules);
}

/** What a component worker may do by itself: nothing, or read and write in the one directory it is kept for. */
export function componentPermissions(directory: string | undefined): Deno.PermissionOptions {
  if (directory === undefined) return "none";
  // What is not named would be inherited.
  return {
    read: [directory],
    write: [directory],
    env: false,
    ffi: false,
    import: false,
    net: false,
    run: false,
    sys: false,
  };
}
