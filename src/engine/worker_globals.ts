/** What the platform gives every worker without asking for a permission, and component workers have no use for. */
const UNUSED_GLOBALS = ["BroadcastChannel", "Worker", "caches", "navigator"] as const;

/**
 * Takes away what needs no permission, before any guest runs: `caches` keeps files that outlive the worker,
 * `BroadcastChannel` reaches every isolate, `Worker` starts more of them, `navigator` leads to the graphics processor.
 */
export function dropUnusedGlobals(): void {
  for (const name of UNUSED_GLOBALS) {
    if (!Reflect.deleteProperty(globalThis, name)) throw new Error(`the global "${name}" cannot be taken away`);
  }
}
