import { createDirectRuntime } from "./direct/runtime.ts";
import type { ComponentRuntime, ComponentRuntimeName } from "./types.ts";

/** The named carrier. jco's is loaded only when asked for, so that nodes which do not use it never fetch it. */
export async function createComponentRuntime(name: ComponentRuntimeName): Promise<ComponentRuntime> {
  switch (name) {
    case "direct":
      return createDirectRuntime();
    case "jco":
      return (await import("./jco/runtime.ts")).createJcoRuntime();
  }
}
