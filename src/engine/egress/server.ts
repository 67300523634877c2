import type { Context } from "@/context/mod.ts";
import type { Handlers } from "@/link/mod.ts";
import type { HttpExchange } from "../wasi/http_backend.ts";
import { httpError } from "./errors.ts";
import { type ExchangeOptions, openExchange } from "./exchange.ts";
import { MAX_REQUESTS_PER_EXECUTION } from "./limits.ts";
import { isHostAllowed } from "./policy.ts";
import type { EgressApi } from "./types.ts";

interface OpenExchange {
  readonly job: number;
  readonly exchange: HttpExchange;
}

/** Serves one component worker: every request its guests make passes the host policy here. */
export function createEgressServer(options: ExchangeOptions, context: Context): Handlers<EgressApi> {
  const open = new Map<number, OpenExchange>();
  let nextId = 1;
  const find = (id: number): HttpExchange => {
    const found = open.get(id);
    if (found === undefined) throw httpError("connection-terminated", `exchange ${id} is over`);
    return found.exchange;
  };
  return {
    open: ({ job, allowedHosts, request }) => {
      const url = URL.parse(request.url);
      if (url !== null && !isHostAllowed(allowedHosts, url)) {
        context.log.warn("A component asked for a host it may not reach", { host: url.host });
        throw httpError("HTTP-request-denied", `the host "${url.host}" is not among allowed_http_hosts`);
      }
      const own = [...open.values()].filter((entry) => entry.job === job).length;
      if (own >= MAX_REQUESTS_PER_EXECUTION) {
        throw httpError("connection-limit-reached", `${MAX_REQUESTS_PER_EXECUTION} requests are open already`);
      }
      const id = nextId++;
      open.set(id, { job, exchange: openExchange(request, options, context.clock) });
      return id;
    },
    write: ({ exchange, chunk }) => find(exchange).write(chunk),
    finish: (exchange) => find(exchange).finish(),
    response: (exchange) => find(exchange).response(),
    read: async ({ exchange, maxBytes }) => {
      const bytes = await find(exchange).read(maxBytes);
      if (bytes === undefined) open.delete(exchange);
      return bytes;
    },
    cancel: (exchange) => {
      open.get(exchange)?.exchange.cancel();
      open.delete(exchange);
    },
  };
}
