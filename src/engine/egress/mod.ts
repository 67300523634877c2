import type { Context, LogLevel } from "@/context/mod.ts";
import { startWorker } from "@/link/mod.ts";
import type { FetchBytes } from "../types.ts";
import type { Fetched, PackageRequest } from "../supply/types.ts";
import type { EgressBoot, EgressControl } from "./types.ts";

export { isPublicAddress } from "@/domain/public_address.ts";
export { isHostAllowed } from "./policy.ts";
export type { EgressApi } from "./types.ts";

export interface EgressOptions extends EgressBoot {
  readonly logLevel: LogLevel;
}

/** The one worker that connects to the outside for guests and for the node's own downloads. */
export interface Egress {
  readonly fetchBytes: FetchBytes;
  fetchPackage(request: PackageRequest): Promise<Fetched>;
  /** Lets whoever holds the other end of `port` use the network. @returns what closes all that was opened over it */
  attach(port: MessagePort): () => void;
  close(): void;
}

export async function startEgress(options: EgressOptions, context: Context): Promise<Egress> {
  const { logLevel, ...boot } = options;
  const worker = await startWorker<EgressControl, object, EgressBoot>({
    name: "egress",
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => ({
      net: true,
      env: false,
      ffi: false,
      import: false,
      read: false,
      run: false,
      sys: false,
      write: false,
    }),
    logLevel,
    boot: () => ({ boot }),
  }, { context, handlers: {} });
  let nextClient = 1;
  return {
    fetchBytes: (request) => worker.remote.fetchBytes(request),
    fetchPackage: (request) => worker.remote.fetchPackage(request),
    attach: (port) => {
      const client = nextClient++;
      // A port that cannot be attached shows as calls that fail; the egress worker is started again by then.
      worker.remote.attach({ client, port }, { transfer: [port] }).catch(() => port.close());
      // When the worker has gone, so have its connections.
      return () => void worker.remote.detach(client).catch(() => {});
    },
    close: () => worker.close(),
  };
}
