import type { Decoder } from "@/domain/mod.ts";
import type { HttpModules } from "../types.ts";

export type Method = "GET" | "POST" | "DELETE";

/** What a handler is given besides the modules. */
export interface RouteCall {
  /** Percent-decoded parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** The body, read when it is asked for. Both throw the refusals of spec/wire.md 5.1. */
  readonly body: {
    bytes(): Promise<Uint8Array>;
    json<T>(decoder: Decoder<T>): Promise<T>;
  };
}

/** One row of the route table (spec/wire.md 5.2). */
export interface Route {
  readonly method: Method;
  /** With `:name` for a segment. */
  readonly path: string;
  readonly handle: (call: RouteCall, modules: HttpModules) => Promise<Response> | Response;
}

export function jsonResponse(text: string): Response {
  return new Response(text, { headers: { "content-type": "application/json" } });
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
}

/** 200 with an empty body. */
export function empty(): Response {
  return new Response(null, { status: 200 });
}
