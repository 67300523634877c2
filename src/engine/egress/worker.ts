import { openLink, serveWorker } from "@/link/mod.ts";
import { fetchBytes } from "./fetch_bytes.ts";
import { createEgressServer } from "./server.ts";
import type { EgressApi, EgressBoot, EgressControl } from "./types.ts";

/** Calls a component worker may have under way here: several per request of each of its executions. */
const CREDIT_PER_WORKER = 512;

// Every connection a guest asks for is made here; this worker has the network and nothing else.
serveWorker<EgressBoot, EgressControl, object>((boot, context) => ({
  attach: (port) => {
    const handlers = createEgressServer(boot, context);
    openLink<object, EgressApi>({ name: "egress → component", credit: CREDIT_PER_WORKER }, { port, handlers });
  },
  fetchBytes: (request) => fetchBytes(request, boot, context.clock),
}));
