import { openLink, serveWorker } from "@/link/mod.ts";
import { fetchBytes, fetchFromRegistry } from "./fetch_bytes.ts";
import { CALL_CREDIT_PER_WORKER } from "./limits.ts";
import { createEgressServer } from "./server.ts";
import type { EgressApi, EgressBoot, EgressControl } from "./types.ts";

// Every connection a guest asks for is made here; this worker has the network and nothing else.
serveWorker<EgressBoot, EgressControl, object>((boot, context) => {
  const clients = new Map<number, Disposable>();
  return {
    attach: ({ client, port }) => {
      const server = createEgressServer(boot, context);
      const link = openLink<object, EgressApi>({ name: "egress → component", credit: CALL_CREDIT_PER_WORKER }, {
        port,
        handlers: server.handlers,
      });
      clients.set(client, {
        [Symbol.dispose]: () => {
          link.close();
          server[Symbol.dispose]();
        },
      });
    },
    detach: (client) => {
      clients.get(client)?.[Symbol.dispose]();
      clients.delete(client);
    },
    fetchBytes: (request) => fetchBytes(request, boot, context),
    fetchPackage: (request) => fetchFromRegistry(request, boot, context),
  };
});
