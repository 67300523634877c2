import { Hono } from "hono";
import { serializeError } from "@/domain/mod.ts";
import { requireToken } from "./auth.ts";
import { createCors } from "./cors.ts";
import { errorResponse, plain } from "./errors.ts";
import { DEV_ROUTES } from "./routes/dev.ts";
import { NODE_ROUTES } from "./routes/node.ts";
import type { Route } from "./routes/route.ts";
import { SERVICE_ROUTES } from "./routes/services.ts";
import type { HttpModules, HttpOptions } from "./types.ts";

/** The API as a function from request to response (spec/wire.md 5). */
export function createApp(options: HttpOptions, modules: HttpModules): (request: Request) => Promise<Response> {
  const routes = [...NODE_ROUTES, ...SERVICE_ROUTES, ...(options.devEndpointsEnabled ? DEV_ROUTES : [])];
  const app = new Hono();
  for (const route of routes) addRoute(app, route, options, modules);
  for (const [path, methods] of methodsByPath(routes)) app.all(path, () => methodNotAllowed(methods));
  app.notFound(() => plain(404, "not found", {}));
  app.onError((error) => {
    const response = errorResponse(error);
    if (response.status >= 500) modules.context.log.warn("A request failed", { cause: serializeError(error) });
    return response;
  });
  const cors = createCors(options.corsAllowedOrigins);
  return async (request) => {
    const isPreflight = cors !== undefined && request.method === "OPTIONS";
    const response = isPreflight ? new Response(null, { status: 200 }) : await app.fetch(request);
    for (const [name, value] of Object.entries(cors?.headers(request) ?? {})) response.headers.set(name, value);
    return response;
  };
}

function addRoute(app: Hono, route: Route, options: HttpOptions, modules: HttpModules): void {
  const maxBodyBytes = options.maxBodySizeMb * 1024 * 1024;
  // Stricter than the reference: what `/dev` shows is protected as well (spec/wire.md 9.1.2).
  const isProtected = route.method !== "GET" || route.path.startsWith("/dev/");
  app.on(route.method, route.path, async (call) => {
    const request = call.req.raw;
    if (isProtected && options.bearerToken !== undefined) requireToken(request, options.bearerToken);
    return await route.handle({ request, params: call.req.param(), maxBodyBytes }, modules);
  });
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
