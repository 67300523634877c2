import { describeError, WavsError } from "@/domain/mod.ts";
import { createApp } from "./app.ts";
import { plain } from "./errors.ts";
import { SHUTDOWN_GRACE_MS } from "./limits.ts";
import type { HttpModules, HttpOptions, HttpServer } from "./types.ts";

/**
 * Serves the API until it is disposed of; requests under way then have {@link SHUTDOWN_GRACE_MS} to finish.
 *
 * @throws WavsError `port_unavailable`
 */
export function startHttp(options: HttpOptions, modules: HttpModules): HttpServer {
  const app = createApp(options, modules);
  const unanswered = new Set<(answer: Response) => void>();
  const server = listen(options, async (request) => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    unanswered.add(resolve);
    void app(request).then(resolve);
    const answer = await promise;
    unanswered.delete(resolve);
    return answer;
  });
  const { port } = server.addr;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    port,
    url: `http://${host}:${port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new AbortController();
      void modules.context.clock.sleep(SHUTDOWN_GRACE_MS, closed.signal).then(() => {
        for (const answer of unanswered) answer(plain(503, "The node is shutting down", {}));
      });
      await server.shutdown();
      closed.abort();
    },
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
