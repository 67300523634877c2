import { createContext, type Logger } from "@/context/mod.ts";
import { startWorker } from "@/link/mod.ts";
import type { ComponentInspection, InspectorApi } from "./inspect_types.ts";

/**
 * Takes a component apart and measures its instantiation, in a worker without permissions that is made for it.
 *
 * @throws WavsError `component_invalid`, `component_unsupported`, `component_too_large`
 */
export async function inspectComponent(bytes: Uint8Array, log: Logger): Promise<ComponentInspection> {
  const ended = new AbortController();
  const worker = await startWorker<InspectorApi, object, object>({
    name: "inspector",
    entry: new URL("./inspect_worker.ts", import.meta.url),
    permissions: () => "none",
    logLevel: "warn",
    boot: () => ({ boot: {} }),
  }, { context: createContext({ log, signal: ended.signal }), handlers: {} });
  try {
    return await worker.remote.inspect(bytes);
  } finally {
    worker.close();
    ended.abort();
  }
}
