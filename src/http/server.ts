import { describeError, WavsError } from "@/domain/mod.ts";
import { createApp } from "./app.ts";
import type { HttpModules, HttpOptions, HttpServer } from "./types.ts";

/** Serves the API. @throws WavsError `port_unavailable` */
export function startHttp(options: HttpOptions, modules: HttpModules): HttpServer {
  const handler = createApp(options, modules);
  const server = listen(options, handler);
  const { port } = server.addr;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    port,
    url: `http://${host}:${port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function listen(
  { host, port }: HttpOptions,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: host, port, onListen: () => {} }, handler);
  } catch (cause) {
    throw new WavsError("port_unavailable", {
      message: `Cannot serve the HTTP API on ${host}:${port} because ${
        describeError(cause)
      }; choose another with --port`,
      retryable: false,
      cause,
    });
  }
}
