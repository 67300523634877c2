import type { Context } from "@/context/mod.ts";
import type { Handlers } from "@/link/mod.ts";
import { httpError } from "./errors.ts";
import { type ExchangeOptions, openExchange } from "./exchange.ts";
import { OpenExchanges } from "./open_exchanges.ts";
import { isHostAllowed } from "./policy.ts";
import { createSocketServer } from "./socket_server.ts";
import type { EgressApi, HttpApi } from "./types.ts";

export interface EgressServer extends Disposable {
  readonly handlers: Handlers<EgressApi>;
}

/** Serves one component worker. Disposing of it closes every connection. */
export function createEgressServer(options: ExchangeOptions, context: Context): EgressServer {
  const exchanges = new OpenExchanges(context.clock);
  const sockets = createSocketServer(options, context);
  return {
    handlers: { ...httpHandlers(exchanges, options, context), ...sockets.handlers },
    [Symbol.dispose]() {
      exchanges[Symbol.dispose]();
      sockets[Symbol.dispose]();
    },
  };
}

/** Every request a guest makes passes the host policy here. */
function httpHandlers(exchanges: OpenExchanges, options: ExchangeOptions, context: Context): Handlers<HttpApi> {
  return {
    open: ({ job, allowedHosts, request }) => {
      const url = URL.parse(request.url);
      if (url !== null && !isHostAllowed(allowedHosts, url)) {
        context.log.warn("A component asked for a host it may not reach", { host: url.host });
        throw httpError("HTTP-request-denied", `the host "${url.host}" is not among allowed_http_hosts`);
      }
      return exchanges.add(job, () => openExchange(request, options, context.clock));
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
