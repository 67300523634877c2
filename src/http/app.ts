import { Hono } from "hono";
import type { Logger } from "@/context/mod.ts";
import { serializeError } from "@/domain/mod.ts";
import { requireToken } from "./auth.ts";
import { BodyReader } from "./body.ts";
import { createCors } from "./cors.ts";
import { errorResponse, plain } from "./errors.ts";
import { BYTES_PER_MB } from "./limits.ts";
import { DEV_ROUTES } from "./routes/dev.ts";
import { NODE_ROUTES } from "./routes/node.ts";
import type { Route } from "./routes/route.ts";
import { SERVICE_ROUTES } from "./routes/services.ts";
import type { HttpModules, HttpOptions } from "./types.ts";

type Handler = (request: Request, params: Readonly<Record<string, string>>) => Promise<Response>;

/** The API as a function from request to response; it never rejects (spec/wire.md 5). */
export function createApp(options: HttpOptions, modules: HttpModules): (request: Request) => Promise<Response> {
  const routes = [...NODE_ROUTES, ...SERVICE_ROUTES, ...(options.devEndpointsEnabled ? DEV_ROUTES : [])];
  const bodies = new BodyReader({ maxBytes: options.maxBodySizeMb * BYTES_PER_MB }, modules.context);
  const app = new Hono();
  for (const route of routes) {
    const handle = createHandler(route, bodies, { options, modules });
    app.on(route.method, route.path, (call) => handle(call.req.raw, call.req.param()));
  }
  for (const [path, methods] of methodsByPath(routes)) app.all(path, () => methodNotAllowed(methods));
  app.notFound(() => plain(404, "not found", {}));
  const cors = createCors(options.corsAllowedOrigins);
  return async (request) => {
    const isPreflight = cors !== undefined && request.method === "OPTIONS";
    const response = isPreflight ? new Response(null, { status: 200 }) : await app.fetch(request);
    for (const [name, value] of Object.entries(cors?.headers(request) ?? {})) response.headers.set(name, value);
    return response;
  };
}

function createHandler(
  route: Route,
  bodies: BodyReader,
  { options, modules }: { readonly options: HttpOptions; readonly modules: HttpModules },
): Handler {
  // Stricter than the reference: what `/dev` shows is protected as well (spec/wire.md 9.1.2).
  const isProtected = route.method !== "GET" || route.path.startsWith("/dev/");
  return async (request, params) => {
    try {
      if (isProtected && options.bearerToken !== undefined) requireToken(request, options.bearerToken);
      bodies.checkDeclaredLength(request);
      const body = {
        bytes: () => bodies.bytes(request),
        json: <T>(decoder: Parameters<typeof bodies.json<T>>[1]) => bodies.json(request, decoder),
      };
      return await route.handle({ params, body }, modules);
    } catch (error) {
      return failed(error, route, modules.context.log);
    }
  };
}

function failed(error: unknown, { method, path }: Route, log: Logger): Response {
  const response = errorResponse(error);
  if (response.status >= 500) {
    log.warn("A request failed", { method, path, status: response.status, cause: serializeError(error) });
  }
  return response;
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const known = methods.get(path) ?? [];
    methods.set(path, [...known, ...(method === "GET" ? ["GET", "HEAD"] : [method])]);
  }
  return methods;
}

function methodNotAllowed(methods: readonly string[]): Response {
  return new Response(null, { status: 405, headers: { allow: methods.join(",") } });
}
