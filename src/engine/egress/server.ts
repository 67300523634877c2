import type { Handlers } from "@/link/mod.ts";
import { httpError } from "./errors.ts";
import { type ExchangeModules, type ExchangeOptions, openExchange } from "./exchange.ts";
import { OpenExchanges } from "./open_exchanges.ts";
import { isHostAllowed } from "./policy.ts";
import { createSocketServer } from "./socket_server.ts";
import type { EgressApi, HttpApi } from "./types.ts";

export interface EgressServer extends Disposable {
  readonly handlers: Handlers<EgressApi>;
}

/** Serves one component worker. Disposing of it closes every connection. */
export function createEgressServer(options: ExchangeOptions, modules: ExchangeModules): EgressServer {
  const exchanges = new OpenExchanges(modules.clock);
  const sockets = createSocketServer(options, modules);
  return {
    handlers: { ...httpHandlers(exchanges, options, modules), ...sockets.handlers },
    [Symbol.dispose]() {
      exchanges[Symbol.dispose]();
      sockets[Symbol.dispose]();
    },
  };
}

/** Every request a guest makes passes the host policy here. */
function httpHandlers(exchanges: OpenExchanges, options: ExchangeOptions, modules: ExchangeModules): Handlers<HttpApi> {
  return {
    open: async ({ job, exchange, allowedHosts, request }) => {
      const url = URL.parse(request.url);
      if (url !== null && !isHostAllowed(allowedHosts, url)) {
        throw httpError("HTTP-request-denied", `the host "${url.host}" is not among allowed_http_hosts`);
      }
      exchanges.add(exchange, job, () => openExchange(request, options, modules));
      return request.body === "none" ? await exchanges.receive(exchange, (open) => open.response()) : undefined;
    },
    write: ({ exchange, chunk }) => exchanges.use(exchange, (open) => open.write(chunk)),
    finish: (exchange) => exchanges.use(exchange, (open) => open.finish()),
    response: (exchange) => exchanges.receive(exchange, (open) => open.response()),
    read: async ({ exchange, maxBytes }) => {
      const chunk = await exchanges.receive(exchange, async (open) => {
        const bytes = await open.read(maxBytes);
        return bytes === undefined ? undefined : { bytes, isLast: open.isAtEnd };
      });
      if (chunk === undefined || chunk.isLast) exchanges.cancel(exchange);
      return chunk;
    },
    cancel: (exchange) => exchanges.cancel(exchange),
  };
}
