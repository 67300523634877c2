import type { Handlers } from "@/link/mod.ts";
import { httpError } from "./errors.ts";
import { type ExchangeModules, type ExchangeOptions, openExchange } from "./exchange.ts";
import { OpenExchanges } from "./open_exchanges.ts";
import { isHostAllowed } from "./policy.ts";
import type { EgressApi } from "./types.ts";

/** Serves one component worker: every request its guests make passes the host policy here. */
export function createEgressServer(options: ExchangeOptions, modules: ExchangeModules): Handlers<EgressApi> {
  const exchanges = new OpenExchanges(modules.clock);
  return {
    open: ({ job, allowedHosts, request }) => {
      const url = URL.parse(request.url);
      if (url !== null && !isHostAllowed(allowedHosts, url)) {
        throw httpError("HTTP-request-denied", `the host "${url.host}" is not among allowed_http_hosts`);
      }
      return exchanges.add(job, () => openExchange(request, options, modules));
    },
    write: ({ exchange, chunk }) => exchanges.use(exchange, (open) => open.write(chunk)),
    finish: (exchange) => exchanges.use(exchange, (open) => open.finish()),
    response: (exchange) => exchanges.receive(exchange, (open) => open.response()),
    read: async ({ exchange, maxBytes }) => {
      const bytes = await exchanges.receive(exchange, (open) => open.read(maxBytes));
      if (bytes === undefined) exchanges.cancel(exchange);
      return bytes;
    },
    cancel: (exchange) => exchanges.cancel(exchange),
  };
}
